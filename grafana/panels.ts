/** The kinds of panel that the boards use, and their common settings. */
import { colours, type Override, type Panel, type Threshold } from './dashboard.ts';

type Common = Pick<Panel, 'title' | 'description' | 'width' | 'height'> &
  Partial<
    Pick<Panel, 'unit' | 'decimals' | 'min' | 'max' | 'thresholds' | 'overrides' | 'repeat' | 'noValue'>
  > & {
    readonly sql: string;
  };

/** One number for the complete time range, grey unless something is abnormal. */
export const stat = ({ sql, ...panel }: Common): Panel => ({
  ...panel,
  type: 'stat',
  query: { sql, format: 'table' },
  options: {
    colorMode: panel.thresholds === undefined ? 'none' : 'value',
    graphMode: 'none',
    justifyMode: 'center',
    textMode: 'value',
    reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false },
  },
});

export interface LineStyle {
  readonly fill?: number;
  readonly bars?: boolean;
  readonly stacked?: boolean;
}

/** Lines or stacked bars over time. The query returns `time`, and either `metric` and one number, or named numbers. */
export const timeSeries = ({
  sql,
  fill = 0,
  bars = false,
  stacked = false,
  ...panel
}: Common & LineStyle): Panel => ({
  ...panel,
  type: 'timeseries',
  query: { sql, format: 'time_series' },
  custom: {
    drawStyle: bars ? 'bars' : 'line',
    lineWidth: 1,
    fillOpacity: bars ? 80 : fill,
    showPoints: 'never',
    // Draws no line across a gap in the data.
    spanNulls: false,
    stacking: { mode: stacked ? 'normal' : 'none', group: 'A' },
    axisSoftMin: panel.min,
  },
  options: {
    legend: { displayMode: 'list', placement: 'bottom', showLegend: true, calcs: ['lastNotNull'] },
    tooltip: { mode: 'multi', sort: 'desc' },
  },
});

export const table = ({ sql, ...panel }: Common): Panel => ({
  ...panel,
  type: 'table',
  query: { sql, format: 'table' },
  custom: { align: 'auto', cellOptions: { type: 'auto' }, filterable: true },
  options: { showHeader: true, cellHeight: 'sm', footer: { show: false } },
});

/** Draws the line of a field in a fixed colour. */
export const coloured = (
  field: string,
  colour: string,
  further: Readonly<Record<string, unknown>> = {},
): Override => ({
  field,
  properties: { color: { mode: 'fixed', fixedColor: colour }, ...further },
});

export const dashed = { 'custom.lineStyle': { fill: 'dash', dash: [8, 6] } } as const;

/** Grey, then orange, then vermilion. Normal values are grey and not green, so only the abnormal has a colour (ISA-101). */
export const rising = (warn: number, bad: number): readonly Threshold[] => [
  { from: null, colour: colours.grey },
  { from: warn, colour: colours.orange },
  { from: bad, colour: colours.vermilion },
];
