/** Makes one feature row from the grid of scans. */
import { featureSetVersion, listFeatures, sequenceTags, type Feature } from '../../processes/features.ts';
import type { ProcessDefinition, Statistic, Tag } from '../../processes/schema.ts';
import { longestWindow, marks, type Scans } from './scans.ts';
import { correlation, Samples, statisticOf, summarise, type Span, type Summary } from './statistics.ts';

/** What the scans say; the step adds the asset and the piece. */
export interface RowValues {
  readonly values: readonly number[];
  readonly sequence: Buffer;
  readonly completeness: number;
  readonly repaired: number;
}

/** A tag in a window, with all that is asked of it. */
interface Column {
  readonly tag: number;
  readonly window: string;
  readonly wanted: readonly { readonly at: number; readonly statistic: Statistic }[];
}

export class RowMaker {
  readonly featureSet: string;
  /** ms */
  readonly longest: number;
  readonly #definition: ProcessDefinition;
  readonly #features: readonly Feature[];
  readonly #columns: readonly Column[];
  readonly #channels: readonly number[];
  readonly #required: readonly number[];
  readonly #samples: Samples;
  readonly #others: Samples;

  constructor(definition: ProcessDefinition) {
    this.#definition = definition;
    this.featureSet = featureSetVersion(definition);
    this.longest = longestWindow(definition);
    this.#features = listFeatures(definition);
    this.#columns = columnsOf(this.#features);
    this.#channels = sequenceTags(definition);
    this.#required = definition.tags.flatMap((tag, index) => (tag.required ? [index] : []));
    const slots = this.longest / definition.time.period;
    this.#samples = new Samples(slots);
    this.#others = new Samples(slots);
  }

  /** @param end of the windows, ms since the epoch, a multiple of the period */
  make(scans: Scans, end: number): RowValues {
    const values = new Array<number>(this.#features.length).fill(NaN);
    for (const column of this.#columns) this.#statistics(scans, end, column, values);
    this.#combine(scans, end, values);
    return { values, sequence: this.#sequence(scans, end), ...this.#quality(scans, end) };
  }

  #span(window: string, end: number): Span {
    return spanOf(this.#definition.features.windows[window] ?? 0, end, this.#definition.time.period);
  }

  #tag(index: number): Tag {
    const tag = this.#definition.tags[index];
    if (tag === undefined) throw new RangeError(`tag ${index} is not in the definition`);
    return tag;
  }

  #statistics(scans: Scans, end: number, { tag, window, wanted }: Column, values: number[]): void {
    const span = this.#span(window, end);
    this.#samples.collect(scans, tag, span);
    const summary: Summary = summarise(this.#samples);
    for (const { at, statistic } of wanted)
      values[at] = statisticOf(
        statistic,
        summary,
        this.#samples,
        this.#tag(tag),
        span,
        this.#definition.time.period,
      );
  }

  #combine(scans: Scans, end: number, values: number[]): void {
    for (const [at, feature] of this.#features.entries()) {
      if (feature.kind === 'statistic') continue;
      if (feature.kind === 'correlation') {
        const span = this.#span(feature.window, end);
        this.#samples.collect(scans, feature.tags[0], span);
        this.#others.collect(scans, feature.tags[1], span);
        values[at] = correlation(this.#samples, this.#others);
      } else {
        const [a, b] = [values[feature.of[0]] ?? NaN, values[feature.of[1]] ?? NaN];
        values[at] = combined(feature.kind, a, b);
      }
    }
  }

  /** float32 [steps][channels], oldest first: the last value within each step, in units of the normal band. */
  #sequence(scans: Scans, end: number): Buffer {
    const { sequence } = this.#definition.features;
    if (sequence === undefined) return Buffer.alloc(0);
    const { period } = this.#definition.time;
    const { capacity } = scans.shape;
    const perStep = sequence.every / period;
    const from = end / period - sequence.steps * perStep;
    const numbers = new Float32Array(sequence.steps * this.#channels.length).fill(NaN);
    for (const [channel, index] of this.#channels.entries()) {
      const [low, high] = this.#tag(index).normal;
      const [middle, half] = [(low + high) / 2, (high - low) / 2];
      for (let offset = 0; offset < sequence.steps * perStep; offset++) {
        const place = scans.placeOf(from + offset);
        if (scans.slots[place] !== from + offset) continue;
        const value = scans.values[index * capacity + place] ?? NaN;
        if (Number.isNaN(value)) continue;
        numbers[Math.floor(offset / perStep) * this.#channels.length + channel] = (value - middle) / half;
      }
    }
    return Buffer.from(numbers.buffer);
  }

  /** Over the longest window and the required tags: how much is there, and how much of it is not as measured. */
  #quality(scans: Scans, end: number): { completeness: number; repaired: number } {
    const { capacity } = scans.shape;
    const { from, to } = spanOf(this.longest, end, this.#definition.time.period);
    let [present, genuine, plain] = [0, 0, 0];
    for (let slot = from; slot < to; slot++) {
      const place = scans.placeOf(slot);
      if (scans.slots[place] !== slot) continue;
      present++;
      for (const tag of this.#required) {
        const mark = scans.marks[tag * capacity + place];
        if (mark === marks.measured) plain++;
        if (mark === marks.measured || mark === marks.flagged) genuine++;
      }
    }
    const required = this.#required.length;
    return {
      completeness: genuine / ((to - from) * required),
      repaired: present === 0 ? 0 : 1 - plain / (present * required),
    };
  }
}

const spanOf = (window: number, end: number, period: number): Span => ({
  from: (end - window) / period,
  to: end / period,
});

function combined(kind: 'product' | 'ratio' | 'difference', a: number, b: number): number {
  if (kind === 'product') return a * b;
  if (kind === 'difference') return a - b;
  return b === 0 ? NaN : a / b;
}

function columnsOf(features: readonly Feature[]): readonly Column[] {
  const columns = new Map<
    string,
    { tag: number; window: string; wanted: { at: number; statistic: Statistic }[] }
  >();
  for (const [at, feature] of features.entries()) {
    if (feature.kind !== 'statistic') continue;
    const { tag, window, statistic } = feature;
    const key = `${tag} ${window}`;
    const column = columns.get(key) ?? { tag, window, wanted: [] };
    column.wanted.push({ at, statistic });
    columns.set(key, column);
  }
  return [...columns.values()];
}
