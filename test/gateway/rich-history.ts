/** Stored data as large as a plant's: values with all their digits, and predictions with reasons. */
import type { History } from '../../gateway/history.ts';
import { plantView, scanReader } from '../../gateway/plant-view.ts';
import type { Scan } from '../../gateway/shared/messages.ts';
import type { ProcessDefinition } from '../../processes/schema.ts';
import type { Prediction } from '../../schemas/generated/types.ts';
import { emptyHistory } from './memory-gateway.ts';
import { prediction, reading } from './records.ts';

/** A number in [0, 1) with all its digits; the same for the same n. */
const digits = (n: number): number => Math.abs(Math.sin(n + 1));

export function richPrediction(definition: ProcessDefinition, asset: string, eventTime: number): Prediction {
  const named = definition.tags.slice(0, 8);
  return prediction(asset, eventTime, {
    ...{ probability: digits(eventTime), lower: digits(eventTime + 1), upper: digits(eventTime + 2) },
    models: ['xgboost', 'lstm'].map((name, n) => ({ name, probability: digits(n), weight: digits(n + 2) })),
    contributions: named.map(({ id, title }, n) => ({
      feature: `${id}.spread.short`,
      value: digits(n),
      contribution: digits(n + 9),
      text: `${title}: spread of the last minute is 7.1, usually 2.4 to 3.8`,
    })),
    signals: definition.alerts.map(({ on }, n) => ({ name: on, value: digits(n + 5) })),
    piece: { heat: '4711', slab: '3', grade: 'X70' },
  });
}

/** For every asset, scans and predictions of the last minutes, one of each per second. */
export function richHistory(definition: ProcessDefinition, count = 300): History {
  const toScan = scanReader(plantView(definition));
  const every = Array.from({ length: count }, (_, n) => n * 1_000);
  const scanAt = (asset: string, time: number): Scan => {
    const values: Record<string, number> = {};
    for (const [tag, { id, normal }] of definition.tags.entries())
      values[id] = normal[0] + digits(time + tag);
    return toScan(reading(definition, asset, time, values), null);
  };
  const scans = once((asset) => every.map((time) => scanAt(asset, time)));
  const predictions = once((asset) => every.map((time) => richPrediction(definition, asset, time)));
  return {
    ...emptyHistory,
    scans: (asset, { limit }) => Promise.resolve(scans(asset).slice(-limit)),
    predictions: (asset, { limit }) => Promise.resolve(predictions(asset).slice(-limit)),
  };
}

/** Makes the value of each key once. */
function once<T>(make: (key: string) => T): (key: string) => T {
  const made = new Map<string, T>();
  return (key) => {
    const value = made.get(key) ?? make(key);
    made.set(key, value);
    return value;
  };
}
