/** Faults inside a reading, tag by tag. Each asset has its own set. */
import type { ProcessDefinition, Tag } from '../../processes/schema.ts';
import type { Measurement } from '../../schemas/generated/types.ts';
import type { NamedRandom } from '../../base/random.ts';
import type { FaultKind } from './fault-kinds.ts';

/** Changes the measurements of one reading in place. `touched` contains the tags that another fault has changed. */
export type MeasurementFault = (measurements: Measurement[], touched: Set<string>) => void;

export interface FaultContext {
  readonly definition: ProcessDefinition;
  /** The random numbers of this asset and kind. */
  readonly random: NamedRandom;
  readonly rate: number;
  /** Called for each changed measurement. */
  readonly count: () => void;
}

type MeasurementKind = Extract<
  FaultKind,
  'tag-dropout' | 'sentinel' | 'stuck' | 'bad-quality' | 'spike' | 'not-a-number' | 'unknown-tag'
>;

/** Returns the changed measurement; undefined to leave it out. */
type Spoil = (measurement: Measurement, tag: Tag) => Measurement | undefined;

export const measurementFaults: Readonly<
  Record<MeasurementKind, (context: FaultContext) => MeasurementFault>
> = {
  'tag-dropout': (context) =>
    episodes(
      context,
      () => 1 + context.random.below(10),
      () => () => undefined,
    ),
  sentinel: (context) =>
    episodes(
      context,
      (tag) => (tag.sentinels.length === 0 ? 0 : 1 + context.random.below(3)),
      (tag) => {
        const value = tag.sentinels[context.random.below(tag.sentinels.length)] ?? null;
        return (measurement) => ({ ...measurement, value });
      },
    ),
  stuck: (context) =>
    episodes(
      context,
      (tag) =>
        tag.stuckAfter === undefined ? 0 : Math.ceil(tag.stuckAfter / context.definition.time.period) + 10,
      () => {
        let value: number | null | undefined;
        return (measurement) => {
          if (value === undefined) value = measurement.value;
          return { ...measurement, value };
        };
      },
    ),
  'bad-quality': (context) =>
    episodes(
      context,
      () => 1 + context.random.below(5),
      () => {
        const quality = context.random.chance(0.5) ? 'BAD' : 'UNCERTAIN';
        return (measurement) => ({ ...measurement, quality });
      },
    ),
  spike: (context) =>
    episodes(
      context,
      () => 1,
      (tag) => {
        const height = context.random.between([0.3, 1.5]) * (tag.range[1] - tag.range[0]);
        const change = context.random.chance(0.5) ? height : -height;
        return (measurement) => ({
          ...measurement,
          value: measurement.value === null ? null : measurement.value + change,
        });
      },
    ),
  'not-a-number': (context) =>
    episodes(
      context,
      () => 1,
      () => {
        const value =
          [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY][context.random.below(3)] ?? null;
        return (measurement) => ({ ...measurement, value });
      },
    ),
  'unknown-tag':
    ({ random, rate, count }) =>
    (measurements) => {
      if (!random.chance(rate)) return;
      measurements.push({ tag: 'Unknown/Tag', value: random.uniform(), quality: 'GOOD' });
      count();
    },
};

/**
 * A fault that begins by chance and changes one tag for some readings.
 * @param lasts returns the number of readings; 0 when this tag cannot have the fault
 */
function episodes(
  { definition, random, rate, count }: FaultContext,
  lasts: (tag: Tag) => number,
  begin: (tag: Tag) => Spoil,
): MeasurementFault {
  const candidates = definition.tags.filter((tag) => lasts(tag) > 0);
  let tag: Tag | undefined;
  let spoil: Spoil = (measurement) => measurement;
  let left = 0;
  return (measurements, touched) => {
    if (left === 0) {
      if (!random.chance(rate)) return;
      tag = candidates[random.below(candidates.length)];
      if (tag === undefined) return;
      left = lasts(tag);
      spoil = begin(tag);
    }
    left--;
    const spoiled = tag;
    if (spoiled === undefined || touched.has(spoiled.id)) return;
    const place = measurements.findIndex((measurement) => measurement.tag === spoiled.id);
    const measurement = measurements[place];
    if (measurement === undefined) return;
    touched.add(spoiled.id);
    const result = spoil(measurement, spoiled);
    if (result === undefined) measurements.splice(place, 1);
    else measurements[place] = result;
    count();
  };
}
