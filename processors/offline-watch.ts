/**
 * What is made of predictions, chained in memory: are the rows still like those of training, do predictions come
 * true, and is anything to be alarmed of. None of it hangs on the order in which topics are read, so labels may
 * all come first.
 */
import type { ProcessDefinition } from '../processes/schema.ts';
import type {
  Alert,
  BinnedRow,
  DriftReport,
  JudgedPrediction,
  LiveQuality,
  Prediction,
  QualityLabel,
} from '../schemas/generated/types.ts';
import type { Outcome, Output } from '../stream/index.ts';
import { alertStep, type AlertInput } from './alert/step.ts';
import { driftStep } from './drift/step.ts';
import type { ReferenceOf } from './reference/reference.ts';
import { Runner, stepRecord } from './offline-runner.ts';
import { qualityStep, type QualityInput } from './live-quality/step.ts';

/** Called in the order of processing; `timestamp` is that of the Kafka record. */
export interface WatchSinks {
  predictions?(value: Prediction, timestamp: number): void;
  binned?(value: BinnedRow, timestamp: number): void;
  drift?(value: DriftReport, timestamp: number): void;
  judged?(value: JudgedPrediction, timestamp: number): void;
  quality?(value: LiveQuality, timestamp: number): void;
  alerts?(value: Alert, timestamp: number): void;
  dropped?(step: string, reason: string): void;
}

export interface Watch {
  prediction(value: Prediction, timestamp: number): void;
  binned(value: BinnedRow, timestamp: number): void;
  label(value: QualityLabel, timestamp: number): void;
}

export function watchPipeline(
  definition: ProcessDefinition,
  sinks: WatchSinks,
  referenceOf: ReferenceOf,
): Watch {
  const drift = new Runner(driftStep(definition, referenceOf));
  const quality = new Runner(qualityStep(definition));
  const alert = new Runner(alertStep(definition));

  function emitted<Out extends Output>(step: string, outcome: Outcome<Out>): readonly Out[] {
    if (outcome.kind === 'drop') sinks.dropped?.(step, outcome.reason);
    return outcome.kind === 'emit' ? outcome.records : [];
  }

  function takeAlert(input: AlertInput, timestamp: number): void {
    const record = stepRecord(input, input.value.asset, timestamp);
    for (const each of emitted('alert', alert.run(record, undefined)))
      sinks.alerts?.(each.value, each.timestamp);
  }

  function takeQuality(input: QualityInput, timestamp: number): void {
    const record = stepRecord(input, input.value.asset, timestamp);
    for (const each of emitted('quality', quality.run(record, undefined)))
      if (each.to === 'judged') sinks.judged?.(each.value, each.timestamp);
      else {
        sinks.quality?.(each.value, each.timestamp);
        takeAlert({ from: 'quality', value: each.value }, each.timestamp);
      }
  }

  return {
    prediction(value, timestamp) {
      sinks.predictions?.(value, timestamp);
      takeAlert({ from: 'predictions', value }, timestamp);
      takeQuality({ from: 'predictions', value }, timestamp);
    },
    binned(value, timestamp) {
      sinks.binned?.(value, timestamp);
      const record = stepRecord({ from: 'rows', value } as const, value.asset, timestamp);
      for (const each of emitted('drift', drift.run(record, undefined))) {
        sinks.drift?.(each.value, each.timestamp);
        takeAlert({ from: 'drift', value: each.value }, each.timestamp);
      }
    },
    label(value, timestamp) {
      takeQuality({ from: 'labels', value }, timestamp);
    },
  };
}
