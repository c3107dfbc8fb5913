/**
 * A small part of Grafana's dashboard model (v1, whose last schema version is 42), enough for boards over SQL.
 * `layout` places the panels, so boards state no grid positions.
 */

export const datasource = { type: 'grafana-postgresql-datasource', uid: 'castwatch' } as const;

/** The colours of Okabe and Ito (2008), which people with any kind of colour vision can distinguish. */
export const colours = {
  blue: '#0072B2',
  sky: '#56B4E9',
  green: '#009E73',
  yellow: '#F0E442',
  orange: '#E69F00',
  vermilion: '#D55E00',
  purple: '#CC79A7',
  grey: '#8C8C8C',
} as const;

export type Format = 'time_series' | 'table';

export interface Query {
  readonly sql: string;
  readonly format: Format;
}

export interface Threshold {
  /** The colour applies from this value on; null for the first. */
  readonly from: number | null;
  readonly colour: string;
}

export interface Override {
  /** The field's name, or a pattern in slashes. */
  readonly field: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

export interface Panel {
  readonly type: 'stat' | 'timeseries' | 'table';
  readonly title: string;
  /** What the panel shows and how to read it: the text of its (i). */
  readonly description: string;
  /** In 24ths of the board. */
  readonly width: number;
  /** In rows of 30 px. */
  readonly height: number;
  readonly query: Query;
  /** As Grafana names units: `s`, `percentunit`, `short`. */
  readonly unit?: string;
  readonly decimals?: number;
  readonly min?: number;
  readonly max?: number;
  readonly thresholds?: readonly Threshold[];
  readonly custom?: Readonly<Record<string, unknown>>;
  readonly options?: Readonly<Record<string, unknown>>;
  readonly overrides?: readonly Override[];
  /** One panel per value of this variable. */
  readonly repeat?: string;
  readonly noValue?: string;
}

export interface Section {
  readonly title: string;
  readonly panels: readonly Panel[];
}

export interface Variable {
  readonly name: string;
  readonly label: string;
  readonly description: string;
  readonly sql: string;
  readonly multiple?: boolean;
}

export interface Annotation {
  readonly name: string;
  readonly sql: string;
  readonly colour: string;
}

export interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly refresh: string;
  readonly from: string;
  readonly variables: readonly Variable[];
  readonly annotations: readonly Annotation[];
  readonly sections: readonly Section[];
}

type Json = Readonly<Record<string, unknown>>;

const columns = 24;

/** Returns the board as JSON for Grafana. */
export function toJson(board: Dashboard): Json {
  return {
    annotations: { list: board.annotations.map(annotationJson) },
    description: board.description,
    editable: false,
    fiscalYearStartMonth: 0,
    graphTooltip: 1,
    links: [],
    panels: layout(board.sections),
    preload: false,
    refresh: board.refresh,
    schemaVersion: 42,
    tags: ['castwatch'],
    templating: { list: board.variables.map(variableJson) },
    time: { from: board.from, to: 'now' },
    timepicker: {},
    timezone: 'browser',
    title: board.title,
    uid: board.uid,
    version: 1,
  };
}

function layout(sections: readonly Section[]): Json[] {
  const placed: Json[] = [];
  let top = 0;
  for (const { title, panels } of sections) {
    placed.push({
      id: placed.length + 1,
      type: 'row',
      title,
      collapsed: false,
      panels: [],
      gridPos: { x: 0, y: top, w: columns, h: 1 },
    });
    top += 1;
    let left = 0;
    let tallest = 0;
    for (const panel of panels) {
      if (left + panel.width > columns) {
        top += tallest;
        left = 0;
        tallest = 0;
      }
      placed.push(panelJson(panel, placed.length + 1, { x: left, y: top, w: panel.width, h: panel.height }));
      left += panel.width;
      tallest = Math.max(tallest, panel.height);
    }
    top += tallest;
  }
  return placed;
}

function panelJson(panel: Panel, id: number, gridPos: Json): Json {
  const { type, title, description, query, repeat, thresholds } = panel;
  const steps = (thresholds ?? [{ from: null, colour: colours.blue }]).map(({ from, colour }) => ({
    value: from,
    color: colour,
  }));
  return {
    id,
    type,
    title,
    description,
    datasource,
    gridPos,
    ...(repeat === undefined ? {} : { repeat, repeatDirection: 'h', maxPerRow: 2 }),
    targets: [target(query, 'A')],
    fieldConfig: {
      defaults: {
        ...present({
          unit: panel.unit,
          decimals: panel.decimals,
          min: panel.min,
          max: panel.max,
          noValue: panel.noValue,
        }),
        color: { mode: type === 'timeseries' ? 'palette-classic' : 'thresholds' },
        custom: panel.custom ?? {},
        thresholds: { mode: 'absolute', steps },
      },
      overrides: (panel.overrides ?? []).map(overrideJson),
    },
    options: panel.options ?? {},
  };
}

const overrideJson = ({ field, properties }: Override): Json => ({
  matcher: field.startsWith('/') ? { id: 'byRegexp', options: field } : { id: 'byName', options: field },
  properties: Object.entries(properties).map(([id, value]) => ({ id, value })),
});

const target = ({ sql, format }: Query, refId: string): Json => ({
  refId,
  datasource,
  editorMode: 'code',
  format,
  rawQuery: true,
  rawSql: sql,
});

/** Its query runs again when the time range changes. */
const variableJson = ({ name, label, description, sql, multiple = false }: Variable): Json => ({
  name,
  label,
  description,
  type: 'query',
  datasource,
  definition: sql,
  query: sql,
  refresh: 2,
  sort: 0,
  multi: multiple,
  includeAll: multiple,
  hide: 0,
  options: [],
  current: multiple ? { selected: true, text: ['All'], value: ['$__all'] } : {},
});

const annotationJson = ({ name, sql, colour }: Annotation): Json => ({
  name,
  datasource,
  enable: true,
  hide: false,
  iconColor: colour,
  target: target({ sql, format: 'table' }, 'Anno'),
});

const present = (fields: Readonly<Record<string, unknown>>): Json =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
