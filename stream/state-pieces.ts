/**
 * Cuts a part of a state that is too large for one changelog record into pieces, and joins the pieces again.
 *
 * All pieces of a part are written in one transaction. Each of them says how many there are, and contains the length and
 * the checksum of the whole. So a reader that finds only some of them, or pieces of two writes, notices it.
 */
import { crc32 } from 'node:zlib';
import { splitPieceName } from './part-key.ts';

/** A broker accepts 1 MiB per record batch; key, headers and framing need room too. */
export const mostPieceBytes = 512 * 1024;

const version = 1;
/** Version, number of pieces, length and checksum of the whole. */
const headBytes = 13;

/** @returns at least one piece, in order */
export function cutIntoPieces(whole: Buffer): readonly Buffer[] {
  const count = Math.max(1, Math.ceil(whole.length / mostPieceBytes));
  const head = Buffer.alloc(headBytes);
  head.writeUInt8(version, 0);
  head.writeUInt32LE(count, 1);
  head.writeUInt32LE(whole.length, 5);
  head.writeUInt32LE(crc32(whole), 9);
  return Array.from({ length: count }, (_, index) =>
    Buffer.concat([head, whole.subarray(index * mostPieceBytes, (index + 1) * mostPieceBytes)]),
  );
}

/** @throws when pieces are missing, or do not belong together */
export function joinPieces(pieces: ReadonlyMap<number, Buffer>): Buffer {
  const [first] = pieces.values();
  if (first === undefined || first.length < headBytes || first.readUInt8(0) !== version)
    throw new Error('its pieces have an unknown form');
  const head = first.subarray(0, headBytes);
  const count = head.readUInt32LE(1);
  const found: Buffer[] = [];
  for (let index = 0; index < count; index++) {
    const piece = pieces.get(index);
    if (piece === undefined) throw new Error(`piece ${index} of ${count} is missing`);
    if (!piece.subarray(0, headBytes).equals(head))
      throw new Error(`piece ${index} of ${count} is from another write than the others`);
    found.push(piece.subarray(headBytes));
  }
  if (pieces.size !== count) throw new Error(`there are ${pieces.size} pieces instead of ${count}`);
  const whole = Buffer.concat(found);
  if (whole.length !== head.readUInt32LE(5) || crc32(whole) !== head.readUInt32LE(9))
    throw new Error('its pieces have another length or checksum than they say');
  return whole;
}

/** The parts of a state, and the number of pieces of each part that was written in pieces. */
export interface JoinedParts {
  readonly parts: ReadonlyMap<string, Buffer>;
  readonly pieces: Map<string, number> | undefined;
}

/**
 * Joins the pieces among the parts of a state.
 * @throws when pieces are missing, or a part is there both as one record and in pieces
 */
export function joinParts(written: ReadonlyMap<string, Buffer>): JoinedParts {
  const cut = new Map<string, Map<number, Buffer>>();
  for (const [name, bytes] of written) {
    const [part, index] = splitPieceName(name);
    if (index === undefined) continue;
    const pieces = cut.get(part);
    if (pieces === undefined) cut.set(part, new Map([[index, bytes]]));
    else pieces.set(index, bytes);
  }
  if (cut.size === 0) return { parts: written, pieces: undefined };
  const parts = new Map([...written].filter(([name]) => splitPieceName(name)[1] === undefined));
  for (const [part, pieces] of cut) {
    if (parts.has(part)) throw new Error(`the part '${part}' is there as one record and in pieces`);
    parts.set(part, joinPieces(pieces));
  }
  return { parts, pieces: new Map([...cut].map(([part, { size }]) => [part, size])) };
}
