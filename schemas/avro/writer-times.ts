/** The logical types of time that other writers use, read as ms since the epoch. */
import avsc from 'avsc';

interface Tap {
  readonly buf: Buffer;
  pos: number;
}

/** A long or int with a logical type of time. */
export interface TimeOfWriter extends avsc.Type {
  /** Gives a resolver the function that reads ms. @throws when the logical type is no moment in time */
  readInto(draft: { _read?: unknown }): void;
}

/** Units of a ms, by logical type. */
const unitsInMs: Readonly<Record<string, bigint>> = {
  'timestamp-micros': 1_000n,
  'timestamp-nanos': 1_000_000n,
};

const local =
  'is the time on a local clock, without its zone; write timestamp-millis, -micros or -nanos, in UTC';
const noMoment = 'is no moment in time; write timestamp-millis, -micros or -nanos, in UTC';
const refused: Readonly<Record<string, string>> = {
  ...{ 'local-timestamp-millis': local, 'local-timestamp-micros': local, 'local-timestamp-nanos': local },
  ...{ date: noMoment, 'time-millis': noMoment, 'time-micros': noMoment },
};

/** Returns the type of a schema with such a logical type; undefined for any other schema. */
export function timeOfWriter(schema: unknown): avsc.Type | undefined {
  if (typeof schema !== 'object' || schema === null || !('type' in schema && 'logicalType' in schema))
    return undefined;
  const { type, logicalType } = schema;
  if ((type !== 'long' && type !== 'int') || typeof logicalType !== 'string') return undefined;
  const units = type === 'long' ? unitsInMs[logicalType] : undefined;
  const why = refused[logicalType];
  if (units === undefined && why === undefined) return undefined;
  // avsc freezes its types, so this object has the type as its prototype.
  return Object.assign(Object.create(avsc.Type.forSchema(type)) as avsc.Type, {
    readInto(draft: { _read?: unknown }): void {
      if (units === undefined) throw new Error(`${logicalType} ${why ?? ''}`);
      draft._read = (tap: Tap): number => floorDivided(readLong(tap), units);
    },
  });
}

export const isTimeOfWriter = (type: avsc.Type): type is TimeOfWriter => 'readInto' in type;

const floorDivided = (value: bigint, divisor: bigint): number => {
  const quotient = value / divisor;
  return Number(value < 0n && quotient * divisor !== value ? quotient - 1n : quotient);
};

/** Reads a long of any size exactly: a count of ns is beyond what a double holds. */
function readLong(tap: Tap): bigint {
  let zigzag = 0n;
  for (let shift = 0n; shift < 64n; shift += 7n) {
    // Beyond the end, avsc finds the position there, and reports that the value ends too early.
    const byte = tap.buf[tap.pos++] ?? 0;
    zigzag |= BigInt(byte & 127) << shift;
    if (byte < 128) return BigInt.asIntN(64, (zigzag >> 1n) ^ -(zigzag & 1n));
  }
  throw new Error('holds a long of more than 64 bits');
}
