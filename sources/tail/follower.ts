/**
 * Follows a file that another program appends to. It returns the file's lines, and notices when the file is rotated (renamed,
 * with a new one in its place) or truncated. Every possible loss of lines is reported.
 */
import { createHash } from 'node:crypto';
import { open, readdir, stat, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { LineCutter, type Line } from '../lines.ts';
import type { TailPosition } from './position.ts';

export interface Lines {
  readonly lines: readonly Line[];
  /** The position after the last of these lines. */
  readonly position: TailPosition;
}

/** `truncated`: the file became shorter. `rotated-away`: the rest of the former file cannot be found. */
export type Loss = 'truncated' | 'rotated-away';

export interface FollowerOptions {
  readonly path: string;
  /** The position to start from; undefined for the beginning of the file. */
  readonly from: TailPosition | undefined;
  /** Called when lines may have been lost. @param line the number of the last line that was read before */
  readonly onLoss: (loss: Loss, line: number, what: string) => void;
}

const chunkBytes = 64 * 1024;
const headBytes = 256;

interface OpenFile {
  readonly handle: FileHandle;
  readonly inode: string;
  /** The next byte to read. */
  offset: number;
  readonly cutter: LineCutter;
  head: Buffer;
}

export class Follower {
  readonly #options: FollowerOptions;
  readonly #buffer = Buffer.alloc(chunkBytes);
  /** The position to continue from after `close`. */
  #from: TailPosition | undefined;
  #file: OpenFile | undefined;

  constructor(options: FollowerOptions) {
    this.#options = options;
    this.#from = options.from;
  }

  /** Returns the next lines; undefined when there is none. @throws as `node:fs` when the file cannot be read */
  async next(): Promise<Lines | undefined> {
    const file = (this.#file ??= await this.#begin());
    for (;;) {
      const { bytesRead } = await file.handle.read(this.#buffer, 0, chunkBytes, file.offset);
      if (bytesRead === 0) break;
      const bytes = this.#buffer.subarray(0, bytesRead);
      if (file.head.length < headBytes)
        file.head = Buffer.concat([file.head, bytes.subarray(0, headBytes - file.head.length)]);
      file.offset += bytesRead;
      const lines = file.cutter.cut(bytes);
      if (lines.length > 0) return { lines, position: (this.#from = this.#position(file)) };
    }
    return (await this.#isCut(file)) ? this.next() : this.#whenRotated(file);
  }

  async close(): Promise<void> {
    await this.#file?.handle.close();
    this.#file = undefined;
  }

  #position({ inode, offset, cutter, head }: OpenFile): TailPosition {
    const read = offset - cutter.pending;
    return { file: this.#options.path, inode, offset: read, line: cutter.line, head: digest(head, read) };
  }

  async #begin(): Promise<OpenFile> {
    const { path, onLoss } = this.#options;
    const from = this.#from;
    if (from === undefined) return openAt(path);
    const former = await findFormer(path, from);
    if (former !== undefined) return former;
    const file = await openAt(path);
    if (file.inode === from.inode)
      onLoss('truncated', from.line, 'the file was truncated while the source did not run');
    else onLoss('rotated-away', from.line, 'the file was replaced by another, and the former file is gone');
    this.#from = undefined;
    return file;
  }

  /** Starts again at the beginning when the file was truncated. */
  async #isCut(file: OpenFile): Promise<boolean> {
    const { size } = await file.handle.stat();
    if (size >= file.offset) return false;
    this.#options.onLoss(
      'truncated',
      file.cutter.line,
      `the file was truncated from ${file.offset} bytes to ${size}`,
    );
    await this.close();
    this.#from = undefined;
    return true;
  }

  /** Continues in the new file once it has content: only then has the writer stopped writing to the former file. */
  async #whenRotated(file: OpenFile): Promise<Lines | undefined> {
    const now = await stat(this.#options.path, { bigint: true }).catch(() => undefined);
    if (now === undefined || String(now.ino) === file.inode || now.size === 0n) return undefined;
    const { size } = await file.handle.stat();
    if (size > file.offset) return this.next();
    const rest = file.cutter.rest();
    const position = this.#position(file);
    await this.close();
    this.#from = undefined;
    return rest === undefined ? this.next() : { lines: [rest], position };
  }
}

async function openAt(path: string): Promise<OpenFile> {
  const handle = await open(path, 'r');
  const { ino } = await handle.stat({ bigint: true });
  return { handle, inode: String(ino), offset: 0, cutter: new LineCutter(0), head: Buffer.alloc(0) };
}

/** Whether it is the same file, and still contains everything that was read. */
async function continues(file: OpenFile, { offset, head }: TailPosition): Promise<boolean> {
  if ((await file.handle.stat()).size < offset) return false;
  const bytes = await readHead(file.handle, head.bytes);
  return digest(bytes, head.bytes).sha256 === head.sha256;
}

async function moved(file: OpenFile, { offset, line }: TailPosition): Promise<OpenFile> {
  const head = await readHead(file.handle, Math.min(headBytes, offset));
  return { ...file, offset, cutter: new LineCutter(line), head };
}

/** Finds the file that was read before, by inode: under its own name, or under another name after log rotation. */
async function findFormer(path: string, from: TailPosition): Promise<OpenFile | undefined> {
  const folder = dirname(path);
  for (const name of [basename(path), ...(await readdir(folder))]) {
    const candidate = join(folder, name);
    const found = await stat(candidate, { bigint: true }).catch(() => undefined);
    if (found === undefined || String(found.ino) !== from.inode) continue;
    const file = await openAt(candidate);
    if (await continues(file, from)) return moved(file, from);
    await file.handle.close();
  }
  return undefined;
}

async function readHead(handle: FileHandle, bytes: number): Promise<Buffer> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(bytes), 0, bytes, 0);
  return buffer.subarray(0, bytesRead);
}

function digest(head: Buffer, read: number): TailPosition['head'] {
  const bytes = head.subarray(0, Math.min(head.length, read));
  return { bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
}
