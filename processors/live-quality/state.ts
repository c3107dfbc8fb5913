/** What quality remembers for an asset: labels and predictions that wait for each other, and running counts. */
import type { QualityLabel } from '../../schemas/generated/types.ts';
import type { Codec } from '../../stream/index.ts';
import { ByteWriter, versionedReader, type ByteReader } from '../bytes.ts';
import type { Episode } from './episodes.ts';
import type { Span } from './spans.ts';
import { emptyTally, judgedVerdicts, type Tally } from './tally.ts';
import type { QualitySlice } from './window.ts';

const version = 1;

/** A label that waits until all its predictions have arrived. */
export type WaitingLabel = Pick<
  QualityLabel,
  'eventTime' | 'until' | 'foundAt' | 'value' | 'defect' | 'source' | 'piece'
>;

export interface QualityState {
  /** Event time of the last prediction, ms since the epoch. */
  latest: number;
  /** The number of that prediction's piece; empty where labels judge spans of time. */
  piece: string;
  /** Event time of the first prediction for that piece, ms. */
  pieceSince: number;
  /** In the order of arrival. */
  readonly waiting: WaitingLabel[];
  /** Predictions without a label, ascending. */
  readonly episodes: Episode[];
  judged: readonly Span[];
  readonly slices: QualitySlice[];
}

export const createQualityState = (): QualityState => ({
  latest: -Infinity,
  piece: '',
  pieceSince: -Infinity,
  waiting: [],
  episodes: [],
  judged: [],
  slices: [],
});

/** A table of texts. Texts recur in a state, so each is written once and referred to by its index. */
class Texts {
  readonly #places = new Map<string, number>();

  place(text: string): number {
    const known = this.#places.get(text);
    if (known !== undefined) return known;
    this.#places.set(text, this.#places.size);
    return this.#places.size - 1;
  }

  write(writer: ByteWriter): void {
    writer.uint(this.#places.size);
    for (const text of this.#places.keys()) writer.text(text);
  }
}

export function qualityStateCodec(): Codec<QualityState> {
  const [head, body] = [new ByteWriter(), new ByteWriter()];
  return {
    encode(state) {
      const texts = new Texts();
      writeBody(state, body, texts);
      head.byte(version);
      texts.write(head);
      head.bytes(body.finish());
      return head.finish();
    },
    decode(bytes) {
      const reader = versionedReader(bytes, version);
      const texts: string[] = [];
      for (let left = reader.uint(); left > 0; left--) texts.push(reader.text());
      const state = readBody(reader, texts);
      reader.end();
      return state;
    },
  };
}

function writeBody(state: QualityState, writer: ByteWriter, texts: Texts): void {
  const text = (value: string): void => {
    writer.uint(texts.place(value));
  };
  writer.double(state.latest);
  text(state.piece);
  writer.double(state.pieceSince);
  writer.uint(state.waiting.length);
  for (const { eventTime, until, foundAt, value, defect, source, piece } of state.waiting) {
    for (const number of [eventTime, until, foundAt, value]) writer.double(number);
    writer.byte(defect === null ? 0 : 1);
    text(defect ?? '');
    text(source);
    text(JSON.stringify(piece));
  }
  writer.uint(state.episodes.length);
  for (const {
    first,
    last,
    piece,
    bundle,
    predictions,
    probability,
    predictedAt,
    threshold,
  } of state.episodes) {
    for (const number of [first, last, probability, predictedAt, threshold]) writer.double(number);
    writer.uint(predictions);
    text(piece);
    text(bundle);
  }
  writer.uint(state.judged.length);
  for (const { from, until } of state.judged) {
    writer.double(from);
    writer.double(until);
  }
  writer.uint(state.slices.length);
  for (const { end, tallies } of state.slices) {
    writer.double(end);
    writer.uint(tallies.size);
    for (const [bundle, tally] of tallies) {
      text(bundle);
      for (const verdict of judgedVerdicts) writer.uint(tally.verdicts[verdict]);
      writer.double(tally.squaredError);
      writer.double(tally.newest);
      writer.doubles(tally.bins);
      writer.uint(tally.notJudged.size);
      for (const [reason, cases] of tally.notJudged) {
        text(reason);
        writer.uint(cases);
      }
    }
  }
}

function readBody(reader: ByteReader, texts: readonly string[]): QualityState {
  const text = (): string => {
    const place = reader.uint();
    const found = texts[place];
    if (found === undefined)
      throw new RangeError(`the state refers to text ${place}, but contains ${texts.length} texts`);
    return found;
  };
  const pieces = new Map<string, QualityLabel['piece']>();
  const piece = (): QualityLabel['piece'] => {
    const json = text();
    const known = pieces.get(json) ?? (JSON.parse(json) as QualityLabel['piece']);
    pieces.set(json, known);
    return known;
  };
  const state = createQualityState();
  state.latest = reader.double();
  state.piece = text();
  state.pieceSince = reader.double();
  for (let left = reader.uint(); left > 0; left--) {
    const [eventTime, until, foundAt] = [reader.double(), reader.double(), reader.double()];
    const value = reader.double();
    const hasDefect = reader.byte() === 1;
    const name = text();
    const defect = hasDefect ? name : null;
    state.waiting.push({ eventTime, until, foundAt, value, defect, source: text(), piece: piece() });
  }
  for (let left = reader.uint(); left > 0; left--) {
    const [first, last, probability] = [reader.double(), reader.double(), reader.double()];
    const [predictedAt, threshold] = [reader.double(), reader.double()];
    const predictions = reader.uint();
    const names = { piece: text(), bundle: text() };
    state.episodes.push({ first, last, ...names, predictions, probability, predictedAt, threshold });
  }
  const judged: Span[] = [];
  for (let left = reader.uint(); left > 0; left--)
    judged.push({ from: reader.double(), until: reader.double() });
  state.judged = judged;
  for (let left = reader.uint(); left > 0; left--) {
    const end = reader.double();
    const tallies = new Map<string, Tally>();
    for (let inner = reader.uint(); inner > 0; inner--) tallies.set(text(), readTally(reader, text));
    state.slices.push({ end, tallies });
  }
  return state;
}

function readTally(reader: ByteReader, text: () => string): Tally {
  const tally = emptyTally();
  for (const verdict of judgedVerdicts) tally.verdicts[verdict] = reader.uint();
  tally.squaredError = reader.double();
  tally.newest = reader.double();
  reader.doublesInto(tally.bins);
  for (let left = reader.uint(); left > 0; left--) tally.notJudged.set(text(), reader.uint());
  return tally;
}
