/** What quality remembers for an asset: labels and predictions that wait for each other, and running counts. */
import type { QualityLabel } from '../../schemas/generated/types.ts';
import { noWatermark, type PartedCodec, type PutPart } from '../../stream/index.ts';
import { ByteReader, ByteWriter, readVersion } from '../bytes.ts';
import { readTexts, StateTexts } from '../state-texts.ts';
import { labelBytes } from './bounds.ts';
import { readEpisodes, writeEpisodes } from './episode-bytes.ts';
import { blockSize, EpisodeBlock, EpisodeList } from './episode-list.ts';
import type { Episode } from './episodes.ts';
import type { Span } from './spans.ts';
import { emptyTally, judgedVerdicts, type Tally } from './tally.ts';
import type { QualitySlice } from './window.ts';

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
  /** Bytes of these labels in the changelog. */
  waitingBytes: number;
  /** Predictions without a label. */
  readonly episodes: EpisodeList;
  judged: readonly Span[];
  readonly slices: QualitySlice[];
}

export const createQualityState = (): QualityState => ({
  latest: noWatermark,
  piece: '',
  pieceSince: -Infinity,
  waiting: [],
  waitingBytes: 0,
  episodes: new EpisodeList(),
  judged: [],
  slices: [],
});

/** Most episodes of a state that is written as one record. With more, each block is a part. */
const mostInOneRecord = blockSize;

/**
 * The form of the state in the changelog. Version 1 contains everything, and is used while there are few episodes. In
 * version 2 the blocks of episodes are parts, because there may be hundreds of thousands, of which a record changes the last.
 */
export function qualityStateCodec(): PartedCodec<QualityState> {
  const [head, body] = [new ByteWriter(), new ByteWriter()];
  const encode = (version: 1 | 2, state: QualityState, episodes: readonly Episode[]): Buffer => {
    const texts = new StateTexts();
    writeBody(state, episodes, body, texts);
    head.byte(version);
    texts.write(head);
    if (version === 2) head.double(state.episodes.pushed);
    head.bytes(body.finish());
    return head.finish();
  };
  return {
    changes(state, put) {
      const { episodes } = state;
      const few = episodes.few(mostInOneRecord);
      put('', few === undefined ? encode(2, state, []) : encode(1, state, few));
      if (few === undefined) writeBlocks(episodes, put);
      else deleteBlocks(episodes, put);
      for (const slot of episodes.freed) put(slot, null);
      episodes.freed.clear();
    },
    restore(parts) {
      const own = parts.get('');
      if (own === undefined) throw new Error("the key's own record is missing");
      const reader = new ByteReader(own);
      const version = readVersion(reader, 1, 2);
      const text = readTexts(reader);
      const pushed = version === 2 ? reader.double() : 0;
      const state = readBody(reader, text);
      reader.end();
      const names = [...parts.keys()].filter((part) => part !== '');
      if (version === 1) return { state, obsolete: names };
      const blocks = names.flatMap((name) => parts.get(name) ?? []).map((bytes) => EpisodeBlock.from(bytes));
      for (const block of blocks.sort((a, b) => a.number - b.number)) state.episodes.putBack(block);
      state.episodes.pushed = pushed;
      return { state, obsolete: [] };
    },
  };
}

function writeBlocks({ blocks }: EpisodeList, put: PutPart): void {
  for (const block of blocks) {
    if (!block.changed) continue;
    put(block.slot, block.encode());
    block.changed = false;
    block.isWritten = true;
  }
}

/** All episodes are in the key's own record now. */
function deleteBlocks({ blocks }: EpisodeList, put: PutPart): void {
  for (const block of blocks) {
    block.changed = true;
    if (block.isWritten) put(block.slot, null);
    block.isWritten = false;
  }
}

function writeBody(
  state: QualityState,
  episodes: readonly Episode[],
  writer: ByteWriter,
  texts: StateTexts,
): void {
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
  writeEpisodes(writer, episodes, texts);
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

function readBody(reader: ByteReader, text: () => string): QualityState {
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
    const label = { eventTime, until, foundAt, value, defect, source: text(), piece: piece() };
    state.waiting.push(label);
    state.waitingBytes += labelBytes(label);
  }
  for (const episode of readEpisodes(reader, text)) state.episodes.push(episode, Infinity);
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
