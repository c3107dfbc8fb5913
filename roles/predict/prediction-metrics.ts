/** The metrics of predictions. The predict step is pure, so the role counts its answers, times its models and sees its commits. */
import type { Models, Predictor } from '../../processors/predict/predictor.ts';
import type { PredictStep } from '../../processors/predict/step.ts';
import type { Observer } from '../../stream/index.ts';
import type { Instruments } from '../../telemetry/metrics.ts';
import { publishedHeader } from '../shared-names.ts';

const statuses = ['OK', 'DEGRADED', 'UNAVAILABLE'] as const;
type TimedRole = 'CHAMPION' | 'CHALLENGER' | 'SHADOW';

/** Wraps the step so that it counts its predictions by status, once per batch. */
export function countPredictions(step: PredictStep, metrics: Pick<Instruments, 'predictions'>): PredictStep {
  const prepare = step.prepare?.bind(step);
  if (prepare === undefined) return step;
  return {
    ...step,
    async prepare(batch) {
      const answered = await prepare(batch);
      for (const status of statuses) {
        const count = answered.filter(({ answer }) => answer.status === status).length;
        if (count > 0) metrics.predictions.add(count, { status });
      }
      return answered;
    },
  };
}

/** Wraps `current` so that each predictor records how long a batch takes it. */
export function timeInference(
  current: () => Models,
  metrics: Pick<Instruments, 'inferenceDuration'>,
): () => Models {
  let last: { readonly of: Models; readonly timed: Models } | undefined;
  const timed = (role: TimedRole, predictor: Predictor): Predictor => ({
    ...predictor,
    async predict(rows) {
      const began = performance.now();
      const answers = await predictor.predict(rows);
      metrics.inferenceDuration.record((performance.now() - began) / 1_000, { role });
      return answers;
    },
  });
  return () => {
    const models = current();
    if (last?.of === models) return last.timed;
    const { champion, beside } = models;
    last = {
      of: models,
      timed: {
        champion: champion && { ...champion, predictor: timed('CHAMPION', champion.predictor) },
        beside: beside.map((each) => ({ ...each, predictor: timed(each.role, each.predictor) })),
      },
    };
    return last.timed;
  };
}

/** Makes an observer that records the time from the publication of a reading to the commit of its prediction. */
export function observeLatency(
  topic: string,
  metrics: Pick<Instruments, 'predictionLatency'>,
  now: () => number = Date.now,
): Required<Pick<Observer, 'committed'>> {
  return {
    committed(records) {
      const time = now();
      for (const record of records) {
        if (record.topic !== topic) continue;
        const published = Date.parse(record.headers?.[publishedHeader]?.toString() ?? '');
        if (!Number.isNaN(published)) metrics.predictionLatency.record(Math.max(0, time - published) / 1_000);
      }
    },
  };
}
