/** Short functions to make predictions and labels, and to run the step on them. */
import { qualityStep, type QualityInput } from '../../../processors/live-quality/step.ts';
import type { JudgedPrediction, Prediction, QualityLabel } from '../../../schemas/generated/types.ts';
import type { StepRecord } from '../../../stream/index.ts';
import { asset, outputs, record, runStep, smallWith, start, type small } from '../support.ts';

export const rules = { by: 'span', retention: 1_000_000, window: 200_000, hop: 100_000, minimum: 2 } as const;
export const withRules = (change: Partial<(typeof small)['quality']> = {}) =>
  smallWith(() => ({ quality: { ...rules, ...change } }));
export const step = qualityStep(withRules());
export const byPiece = qualityStep(withRules({ by: 'piece' }));

/** @param from seconds after the start; the span is (from, until] as far as predictions go */
export const label = (
  from: number,
  until: number,
  value: number,
  change: Partial<QualityLabel> = {},
): QualityLabel => ({
  asset,
  eventTime: start + 1_000 * from,
  until: start + 1_000 * until,
  target: 'bad',
  value,
  defect: value > 0 ? 'crack' : null,
  piece: {},
  source: 'inspection',
  foundAt: start + 1_000 * (until + 60),
  ...change,
});

export const said = (value: Prediction): StepRecord<QualityInput> => record({ from: 'predictions', value });
export const found = (value: QualityLabel): StepRecord<QualityInput> =>
  record({ from: 'labels', value }, { timestamp: value.foundAt });

export const judgedBy = (
  which: typeof step,
  records: readonly StepRecord<QualityInput>[],
): readonly JudgedPrediction[] => outputs(runStep(which, records), 'judged');
export const judged = (records: readonly StepRecord<QualityInput>[]) => judgedBy(step, records);
