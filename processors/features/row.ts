/** Makes one row of features from the grid of scans. */
import { featureSetVersion } from '../../processes/feature-set.ts';
import { listFeatures, longestLook, sequenceTags, type Feature } from '../../processes/features.ts';
import type { ProcessDefinition, Statistic, Tag } from '../../processes/schema.ts';
import type { Baseline } from './baseline.ts';
import { ScanFrame } from './frame.ts';
import { longestWindow, marks, type Scans } from './scans.ts';
import { correlation, needsMoments, statisticOf, summarise, type Samples } from './statistics.ts';

/** The part of a row that comes from scans; the step adds the asset and the piece. */
export interface RowValues {
  readonly values: readonly number[];
  readonly sequence: Buffer;
  readonly completeness: number;
  readonly repaired: number;
}

/** A tag in a window, with all its statistics. */
interface Column {
  readonly index: number;
  readonly tag: Tag;
  /** Periods in the window. */
  readonly slots: number;
  readonly wanted: { readonly at: number; readonly statistic: Statistic }[];
  /** Whether a wanted statistic needs more than sum and extremes. */
  moments: boolean;
}

/** A feature that is computed from two other features or from two tags. */
type Combination =
  | {
      readonly at: number;
      readonly kind: 'product' | 'ratio' | 'difference';
      readonly of: readonly [number, number];
    }
  | {
      readonly at: number;
      readonly kind: 'correlation';
      readonly tags: readonly [number, number];
      readonly slots: number;
    };

/** One channel of the sequence: a tag and its scale. */
interface Channel {
  readonly tag: number;
  readonly middle: number;
  readonly half: number;
}

export class RowMaker {
  readonly featureSet: string;
  /** The longest window, ms. */
  readonly longest: number;
  readonly #period: number;
  readonly #look: number;
  readonly #count: number;
  readonly #columns: readonly Column[];
  readonly #combinations: readonly Combination[];
  readonly #channels: readonly Channel[];
  /** Whether the sequence is scaled relative to the baseline. */
  readonly #relative: boolean;
  readonly #steps: number;
  readonly #perStep: number;
  readonly #required: readonly number[];
  readonly #frame: ScanFrame;

  constructor(definition: ProcessDefinition) {
    const { period } = definition.time;
    const { sequence } = definition.features;
    const features = listFeatures(definition);
    this.featureSet = featureSetVersion(definition);
    this.longest = longestWindow(definition);
    this.#period = period;
    this.#look = longestLook(definition) / period;
    this.#count = features.length;
    this.#columns = columnsOf(definition, features);
    this.#combinations = combinationsOf(definition, features);
    this.#channels = channelsOf(definition);
    this.#relative = sequence?.relativeTo === 'baseline';
    this.#steps = sequence?.steps ?? 0;
    this.#perStep = (sequence?.every ?? period) / period;
    this.#required = definition.tags.flatMap((tag, index) => (tag.required ? [index] : []));
    this.#frame = new ScanFrame(this.#look, definition.tags.length);
  }

  /**
   * @param end the end of all windows, ms since the epoch, a multiple of the period
   * @param baseline includes all scans before `end`; undefined when the definition has none
   */
  make(scans: Scans, end: number, baseline: Baseline | undefined): RowValues {
    const to = end / this.#period;
    this.#frame.fill(scans, to - this.#look, to);
    const values = new Array<number>(this.#count).fill(NaN);
    for (const column of this.#columns) this.#statistics(to, column, baseline, values);
    for (const combination of this.#combinations)
      values[combination.at] = this.#combine(to, combination, values);
    return { values, sequence: this.#sequence(to, baseline), ...this.#quality(scans, to) };
  }

  #statistics(
    to: number,
    { index, tag, slots, wanted, moments }: Column,
    baseline: Baseline | undefined,
    values: number[],
  ): void {
    const samples: Samples = { frame: this.#frame, tag: index, start: this.#frame.since(to - slots) };
    const summary = summarise(samples, moments);
    for (const { at, statistic } of wanted)
      values[at] = statisticOf(statistic, summary, samples, tag, slots, this.#period, baseline);
  }

  #combine(to: number, combination: Combination, values: readonly number[]): number {
    if (combination.kind === 'correlation') {
      const start = this.#frame.since(to - combination.slots);
      const [a, b] = combination.tags;
      const shared = { frame: this.#frame, start };
      return correlation({ ...shared, tag: a }, { ...shared, tag: b });
    }
    const [a, b] = [values[combination.of[0]] ?? NaN, values[combination.of[1]] ?? NaN];
    if (combination.kind === 'product') return a * b;
    if (combination.kind === 'difference') return a - b;
    return b === 0 ? NaN : a / b;
  }

  /** float32 [steps][channels], oldest first: the last value within each step, on the definition's scale. */
  #sequence(to: number, baseline: Baseline | undefined): Buffer {
    const relative = this.#relative && baseline;
    const channels = relative
      ? this.#channels.map(({ tag }) => baselineScale(tag, relative))
      : this.#channels;
    const bound = relative ? mostDeviation : Infinity;
    const width = channels.length;
    const numbers = new Float32Array(this.#steps * width).fill(NaN);
    const from = to - this.#steps * this.#perStep;
    const frame = this.#frame;
    for (let index = frame.since(from); index < frame.count; index++) {
      const step = Math.floor(((frame.slots[index] ?? NaN) - from) / this.#perStep);
      let at = step * width;
      for (const { tag, middle, half } of channels) {
        const value = frame.values[frame.columnOf(tag) + index] ?? NaN;
        if (value === value) numbers[at] = Math.max(-bound, Math.min(bound, (value - middle) / half));
        at++;
      }
    }
    return Buffer.from(numbers.buffer);
  }

  /** Shares over the longest window and the required tags: values that were measured, and values that were repaired. */
  #quality(scans: Scans, to: number): { completeness: number; repaired: number } {
    const slots = this.longest / this.#period;
    const start = this.#frame.since(to - slots);
    let [genuine, plain] = [0, 0];
    for (let index = start; index < this.#frame.count; index++) {
      const base = (this.#frame.places[index] ?? 0) * scans.width;
      for (const tag of this.#required) {
        const mark = scans.marks[base + tag];
        if (mark === marks.measured) plain++;
        if (mark === marks.measured || mark === marks.flagged) genuine++;
      }
    }
    const required = this.#required.length;
    const present = this.#frame.count - start;
    return {
      completeness: genuine / (slots * required),
      repaired: present === 0 ? 0 : 1 - plain / (present * required),
    };
  }
}

/** The largest deviation in a sequence, in spreads of the baseline; larger ones are cut off here. */
const mostDeviation = 10;

const baselineScale = (tag: number, baseline: Baseline): Channel => ({
  tag,
  middle: baseline.meanOf(tag),
  half: baseline.spreadOf(tag),
});

const slotsOf = ({ features, time }: ProcessDefinition, window: string): number =>
  (features.windows[window] ?? 0) / time.period;

function tagAt(definition: ProcessDefinition, index: number): Tag {
  const tag = definition.tags[index];
  if (tag === undefined) throw new RangeError(`tag ${index} is not in the definition`);
  return tag;
}

function columnsOf(definition: ProcessDefinition, features: readonly Feature[]): readonly Column[] {
  const columns = new Map<string, Column>();
  for (const [at, feature] of features.entries()) {
    if (feature.kind !== 'statistic') continue;
    const { tag: index, window, statistic } = feature;
    const key = `${index} ${window}`;
    const column = columns.get(key) ?? {
      index,
      tag: tagAt(definition, index),
      slots: slotsOf(definition, window),
      wanted: [],
      moments: false,
    };
    column.wanted.push({ at, statistic });
    column.moments ||= needsMoments.has(statistic);
    columns.set(key, column);
  }
  return [...columns.values()];
}

const combinationsOf = (
  definition: ProcessDefinition,
  features: readonly Feature[],
): readonly Combination[] =>
  features.flatMap((feature, at): Combination[] => {
    if (feature.kind === 'statistic') return [];
    if (feature.kind === 'correlation')
      return [{ at, kind: 'correlation', tags: feature.tags, slots: slotsOf(definition, feature.window) }];
    return [{ at, kind: feature.kind, of: feature.of }];
  });

const channelsOf = (definition: ProcessDefinition): readonly Channel[] =>
  sequenceTags(definition).map((tag) => {
    const [low, high] = tagAt(definition, tag).normal;
    return { tag, middle: (low + high) / 2, half: (high - low) / 2 };
  });
