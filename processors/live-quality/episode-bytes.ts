/** The form of a block of episodes in the changelog. */
import { ByteReader, ByteWriter, readVersion } from '../bytes.ts';
import { readTexts, StateTexts } from '../state-texts.ts';
import type { Episode } from './episodes.ts';

const version = 1;

/** Bytes of an episode, without its texts. */
export const episodeBytes = 52;

export interface BlockHead {
  readonly number: number;
  /** When the last episode began, ms. */
  readonly begins: number;
  /** When the first episode ended, ms. */
  readonly ends: number;
}

const [head, body] = [new ByteWriter(), new ByteWriter()];

export function encodeBlock(number: number, episodes: readonly Episode[]): Buffer {
  const texts = new StateTexts();
  writeEpisodes(body, episodes, texts);
  head.byte(version);
  head.double(number);
  head.double(episodes.at(-1)?.first ?? -Infinity);
  head.double(episodes[0]?.last ?? Infinity);
  texts.write(head);
  head.bytes(body.finish());
  return head.finish();
}

export const decodeHead = (bytes: Buffer): BlockHead => readHead(new ByteReader(bytes));

export function decodeBlock(bytes: Buffer): Episode[] {
  const reader = new ByteReader(bytes);
  readHead(reader);
  const text = readTexts(reader);
  const episodes = readEpisodes(reader, text);
  reader.end();
  return episodes;
}

function readHead(reader: ByteReader): BlockHead {
  readVersion(reader, version);
  return { number: reader.double(), begins: reader.double(), ends: reader.double() };
}

export function writeEpisodes(writer: ByteWriter, episodes: readonly Episode[], texts: StateTexts): void {
  writer.uint(episodes.length);
  for (const each of episodes) {
    const { first, last, probability, predictedAt, threshold } = each;
    for (const number of [first, last, probability, predictedAt, threshold]) writer.double(number);
    writer.uint(each.predictions);
    writer.uint(texts.place(each.piece));
    writer.uint(texts.place(each.bundle));
  }
}

export function readEpisodes(reader: ByteReader, text: () => string): Episode[] {
  const episodes: Episode[] = [];
  for (let left = reader.uint(); left > 0; left--) {
    const [first, last, probability] = [reader.double(), reader.double(), reader.double()];
    const [predictedAt, threshold] = [reader.double(), reader.double()];
    const predictions = reader.uint();
    const names = { piece: text(), bundle: text() };
    episodes.push({ first, last, ...names, predictions, probability, predictedAt, threshold });
  }
  return episodes;
}
