/**
 * The episodes of an asset, oldest first. There may be hundreds of thousands, so they are in blocks, and a block is a part of
 * the state in the changelog. Only the last block is changed often. The others are kept as the bytes that the changelog has,
 * and are read when a label needs them.
 */
import { decodeBlock, decodeHead, encodeBlock, type BlockHead } from './episode-bytes.ts';
import type { Episode } from './episodes.ts';

/** Number of episodes that are pushed to a block before the next one begins. */
export const blockSize = 256;

/** The oldest and the newest block are closer together than this, so that names of parts repeat. */
export const mostBlocks = 8_192;

/** Episodes that follow each other; at least one. */
export class EpisodeBlock {
  /** Its index among all blocks that the asset ever had. */
  readonly number: number;
  /** Whether the changelog lacks its latest content. */
  changed: boolean;
  /** Whether the changelog has it as a part. */
  isWritten: boolean;
  /** The episodes while the block is open; after that, they are only in the bytes. */
  #open: Episode[] | undefined;
  #bytes: Buffer;
  #head: BlockHead;

  private constructor(head: BlockHead, open: Episode[] | undefined, bytes: Buffer) {
    this.number = head.number;
    this.#head = head;
    this.changed = open !== undefined;
    this.isWritten = open === undefined;
    this.#open = open;
    this.#bytes = bytes;
  }

  static of(number: number, episodes: Episode[]): EpisodeBlock {
    return new EpisodeBlock({ number, begins: -Infinity, ends: Infinity }, episodes, noBytes);
  }

  static from(bytes: Buffer): EpisodeBlock {
    return new EpisodeBlock(decodeHead(bytes), undefined, bytes);
  }

  /** The name of its part in the changelog. */
  get slot(): string {
    return String(this.number % mostBlocks);
  }

  /** Number of bytes when it was closed. */
  get size(): number {
    return this.#bytes.length;
  }

  /** When its last episode began, ms. */
  get begins(): number {
    return this.#open?.at(-1)?.first ?? this.#head.begins;
  }

  /** When its first episode ended, ms. */
  get ends(): number {
    return this.#open?.[0]?.last ?? this.#head.ends;
  }

  get episodes(): readonly Episode[] {
    return this.#open ?? decodeBlock(this.#bytes);
  }

  /** Returns the episodes, to be changed in place. */
  open(): Episode[] {
    this.changed = true;
    return (this.#open ??= decodeBlock(this.#bytes));
  }

  close(): void {
    this.#bytes = this.encode();
    this.#head = decodeHead(this.#bytes);
    this.#open = undefined;
  }

  encode(): Buffer {
    return this.#open === undefined ? this.#bytes : encodeBlock(this.number, this.#open);
  }
}

const noBytes = Buffer.alloc(0);

export class EpisodeList {
  /** Oldest first; all but the last are closed. */
  readonly blocks: EpisodeBlock[] = [];
  /** Number of episodes that were ever pushed; it decides where the next block begins. */
  pushed = 0;
  /** Parts in the changelog that no block needs any more. */
  readonly freed = new Set<string>();

  /** The last episode; undefined when there is none. */
  get last(): Episode | undefined {
    return this.blocks.at(-1)?.episodes.at(-1);
  }

  /** When the oldest episode ended, ms; Infinity when there is none. */
  get oldestEnds(): number {
    return this.blocks[0]?.ends ?? Infinity;
  }

  /** Returns the last episode, to be changed in place. */
  openLast(): Episode | undefined {
    return this.blocks.at(-1)?.open().at(-1);
  }

  /** Returns all episodes if there are at most `most`, and otherwise undefined. */
  few(most: number): readonly Episode[] | undefined {
    // A block is never empty.
    if (this.blocks.length > most) return undefined;
    const all: Episode[] = [];
    for (const { episodes } of this.blocks) {
      if (all.length + episodes.length > most) return undefined;
      all.push(...episodes);
    }
    return all;
  }

  /**
   * Adds an episode at the end.
   * @param mostBytes the most that closed blocks may have together
   * @returns the oldest episodes, which had to go for that; usually none
   */
  push(episode: Episode, mostBytes: number): readonly Episode[] {
    const number = Math.floor(this.pushed++ / blockSize);
    const last = this.blocks.at(-1);
    if (last?.number === number) {
      last.open().push(episode);
      return none;
    }
    last?.close();
    const dropped = this.#dropOldest(number, mostBytes);
    this.#add(EpisodeBlock.of(number, [episode]));
    return dropped;
  }

  /** Puts a block back that was read from the changelog. Call it in the order of the blocks. */
  putBack(block: EpisodeBlock): void {
    this.#add(block);
  }

  /** Divides the episodes into blocks as if no other had ever been pushed. */
  renumber(): void {
    const all = this.blocks.flatMap(({ episodes }) => episodes);
    while (this.blocks.length > 0) this.#remove(0);
    this.pushed = 0;
    for (const episode of all) this.push(episode, Infinity);
  }

  #add(block: EpisodeBlock): void {
    this.blocks.push(block);
    if (this.freed.delete(block.slot)) block.isWritten = true;
  }

  #dropOldest(newest: number, mostBytes: number): readonly Episode[] {
    let bytes = this.blocks.reduce((sum, { size }) => sum + size, 0);
    const dropped: Episode[] = [];
    for (let [oldest] = this.blocks; oldest !== undefined; [oldest] = this.blocks) {
      if (bytes <= mostBytes && newest - oldest.number < mostBlocks) break;
      bytes -= oldest.size;
      dropped.push(...oldest.episodes);
      this.#remove(0);
    }
    return dropped;
  }

  #remove(index: number): void {
    for (const { slot, isWritten } of this.blocks.splice(index, 1)) if (isWritten) this.freed.add(slot);
  }

  /**
   * Removes the first run of neighbouring episodes that all satisfy `belongs`, and returns it.
   * @param after episodes that began at this time or before do not belong
   */
  takeOut(belongs: (episode: Episode) => boolean, after = -Infinity): readonly Episode[] {
    const taken: Episode[] = [];
    for (let index = 0; index < this.blocks.length;) {
      const block = this.blocks[index];
      if (block === undefined) break;
      const episodes = block.begins <= after ? none : block.episodes;
      const from = taken.length > 0 ? 0 : episodes.findIndex(belongs);
      const end = from < 0 ? from : endOfRun(episodes, from, belongs);
      if (end > from) {
        taken.push(...episodes.slice(from, end));
        if (end - from === episodes.length) this.#remove(index);
        else this.#cut(index++, from, end);
      } else index++;
      if (taken.length > 0 && end < episodes.length) break;
    }
    return taken;
  }

  #cut(index: number, from: number, end: number): void {
    const block = this.blocks[index];
    block?.open().splice(from, end - from);
    if (index < this.blocks.length - 1) block?.close();
  }
}

const none: readonly Episode[] = [];

function endOfRun(
  episodes: readonly Episode[],
  from: number,
  belongs: (episode: Episode) => boolean,
): number {
  let end = from;
  for (let next = episodes[end]; next !== undefined && belongs(next); next = episodes[end]) end++;
  return end;
}
