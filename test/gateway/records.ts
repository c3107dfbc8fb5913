/** Records as the pipeline would write them, for tests of what the gateway makes of them. */
import type {
  Alert,
  Prediction,
  ValidatedMeasurement,
  ValidatedReading,
} from '../../schemas/generated/types.ts';
import type { ProcessDefinition } from '../../processes/schema.ts';

/** Values in the middle of each tag's normal band, unless given by tag. */
export function reading(
  definition: ProcessDefinition,
  asset: string,
  eventTime: number,
  given: Readonly<Record<string, number | Partial<ValidatedMeasurement>>> = {},
): ValidatedReading {
  const measurements = definition.tags.map(({ id, normal: [low, high] }): ValidatedMeasurement => {
    const usual = {
      tag: id,
      value: (low + high) / 2,
      quality: 'GOOD',
      treatment: 'MEASURED',
      reason: null,
    } as const;
    const own = given[id];
    return typeof own === 'number' ? { ...usual, value: own } : { ...usual, ...own };
  });
  return {
    asset,
    eventTime,
    sequence: eventTime,
    source: 'test',
    completeness: 1,
    outOfOrder: false,
    measurements,
  };
}

export function prediction(asset: string, eventTime: number, given: Partial<Prediction> = {}): Prediction {
  return {
    asset,
    eventTime,
    target: 'defect',
    status: 'OK',
    reason: null,
    probability: 0.02,
    lower: 0.01,
    upper: 0.05,
    confidence: 0.96,
    models: [],
    contributions: [],
    threshold: 0.09,
    bundle: 'test',
    modelEntry: 0,
    featureSet: 'test',
    completeness: 1,
    piece: {},
    signals: [],
    classes: [],
    ...given,
  };
}

export function alert(asset: string, raisedAt: number, given: Partial<Alert> = {}): Alert {
  return {
    id: `${asset}/risk/${raisedAt}`,
    asset,
    rule: 'risk',
    priority: 'HIGH',
    transition: 'RAISED',
    step: 0,
    eventTime: raisedAt,
    raisedAt,
    value: 0.4,
    peak: 0.4,
    limit: 0.09,
    message: 'The risk is high.',
    contributions: [],
    bundle: 'test',
    piece: {},
    actor: null,
    ...given,
  };
}
