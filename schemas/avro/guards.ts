/**
 * Makes avsc refuse data that it would read or write incorrectly. Imported for its effect, before any type is made.
 *
 * - avsc trusts the number of items that an array or a map states. Eight invalid bytes can keep it busy for hours, or until
 *   memory runs out. Every item takes at least one byte, so a count above the number of bytes left is certainly wrong.
 *   (Arrays of nulls only are refused too; no schema needs them.)
 * - avsc does its zigzag arithmetic on doubles, which is exact only below 2^52: −2^52 − 1 comes back as +2^52.
 */
import avsc from 'avsc';

interface Tap {
  readonly buf: Buffer;
  pos: number;
  readLong(): number;
  skipLong(): void;
  writeLong(value: number): void;
  readString(): string;
  skipString(): void;
}

interface Reads {
  _read(tap: Tap): unknown;
  _skip(tap: Tap): void;
}

interface ArrayLike extends Reads {
  readonly itemsType: Reads;
}

interface MapLike extends Reads {
  readonly valuesType: Reads;
}

/** Returns the number of items in the block that starts here; 0 at the end. A negative count is followed by the block's size. */
function blockCount(tap: Tap): number {
  let count = tap.readLong();
  if (count < 0) {
    count = -count;
    tap.skipLong();
  }
  const left = tap.buf.length - tap.pos;
  if (count > Math.max(left, 0))
    throw new Error(`states ${count} items where ${Math.max(left, 0)} bytes are left`);
  return count;
}

const boundedArray: Reads & ThisType<ArrayLike> = {
  _read(tap) {
    const items = this.itemsType;
    let count = blockCount(tap);
    // Nearly always there is one block. Its count is checked, so the array may be created with that size.
    const values = new Array<unknown>(count);
    for (let index = 0; index < count; index++) values[index] = items._read(tap);
    while (count > 0) {
      count = blockCount(tap);
      for (let left = count; left > 0; left--) values.push(items._read(tap));
    }
    return values;
  },
  _skip(tap) {
    const items = this.itemsType;
    for (let count = blockCount(tap); count > 0; count = blockCount(tap)) {
      for (; count > 0; count--) items._skip(tap);
    }
  },
};

const boundedMap: Reads & ThisType<MapLike> = {
  _read(tap) {
    const type = this.valuesType;
    const values: Record<string, unknown> = {};
    for (let count = blockCount(tap); count > 0; count = blockCount(tap)) {
      for (; count > 0; count--) {
        const key = tap.readString();
        // An assignment would change the object's prototype instead of storing the entry.
        if (key === '__proto__') throw new Error('a map has the key __proto__');
        values[key] = type._read(tap);
      }
    }
    return values;
  },
  _skip(tap) {
    const type = this.valuesType;
    for (let count = blockCount(tap); count > 0; count = blockCount(tap)) {
      for (; count > 0; count--) {
        tap.skipString();
        type._skip(tap);
      }
    }
  },
};

/** A double holds the zigzag form (twice the number) of longs exactly only strictly between minus and plus this. */
export const longLimit = 2 ** 52;
const isExactLong = (value: unknown): value is number =>
  Number.isInteger(value) && Math.abs(value as number) < longLimit;

interface LongWrites {
  _read(tap: Tap): number;
  _write(tap: Tap, value: unknown): void;
  _check(value: unknown, flags: unknown, hook?: (value: unknown, type: unknown) => void): boolean;
}

const exactLong: LongWrites = {
  _read(tap) {
    const value = tap.readLong();
    if (!isExactLong(value)) throw new Error('holds a long that is not between -2^52 and 2^52');
    return value;
  },
  _write(tap, value) {
    if (!isExactLong(value)) throw new Error(`${String(value)} is not a whole number between -2^52 and 2^52`);
    tap.writeLong(value);
  },
  _check(value, _flags, hook) {
    const exact = isExactLong(value);
    if (!exact) hook?.(value, this);
    return exact;
  },
};

Object.assign(avsc.types.LongType.prototype, exactLong);
Object.assign(avsc.types.ArrayType.prototype, boundedArray);
Object.assign(avsc.types.MapType.prototype, boundedMap);
