/** Parts of any size: written in pieces, and restored whole or not at all. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { ProducerRecord, StateCodec } from '../../stream/index.ts';
import { partKey, pieceName, splitPartKey } from '../../stream/part-key.ts';
import { mostPieceBytes } from '../../stream/state-pieces.ts';
import { StateStore } from '../../stream/state-store.ts';
import { seed } from '../support/seed.ts';
import { cellKeys, compacted, holding } from './cells.ts';

describe('stream/state-pieces', () => {
  interface Blob {
    bytes: Buffer;
  }
  const blobCodec: StateCodec<Blob> = {
    encode: ({ bytes }) => bytes,
    decode: (bytes) => ({ bytes: Buffer.from(bytes) }),
  };
  const blobs = (): StateStore<Blob> =>
    new StateStore(
      { create: () => ({ bytes: Buffer.alloc(0) }) },
      { codec: blobCodec, changelog: 'changelog' },
      0,
    );
  const write = (store: StateStore<Blob>, key: string, bytes: Buffer): ProducerRecord[] => {
    store.touch(key).bytes = bytes;
    const records: ProducerRecord[] = [];
    store.drainChangelog(records);
    return records;
  };
  const filled = (length: number, from: number): Buffer =>
    Buffer.from(Uint8Array.from({ length }, (_, index) => (index * 31 + from) % 251));
  const names = (records: readonly ProducerRecord[]): string[] =>
    records.map(({ key, value }) => `${value === null ? '-' : '+'}${splitPartKey(String(key))[1]}`);

  it('writes a large one in pieces that a broker accepts, and deletes the form that it had before', () => {
    const store = blobs();
    assert.deepEqual(names(write(store, 'k', filled(10, 0))), ['+']);
    const large = write(store, 'k', filled(3 * mostPieceBytes, 1));
    const [first, second, third] = [0, 1, 2].map((index) => `+${pieceName('', index)}`);
    assert.deepEqual(names(large), ['-', first, second, third]);
    assert.ok(large.every(({ value }) => (value?.length ?? 0) < 1_000_000));
    const smaller = write(store, 'k', filled(mostPieceBytes + 1, 2));
    assert.deepEqual(names(smaller), [first, second, `-${pieceName('', 2)}`]);
    const small = write(store, 'k', filled(10, 3));
    assert.deepEqual(names(small), ['+', `-${pieceName('', 0)}`, `-${pieceName('', 1)}`]);
    assert.deepEqual(names(write(store, 'k', filled(10, 4))), ['+']);
  });

  it('restores them from the changelog, compacted or not, whatever sizes came before', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            key: fc.constantFrom(...cellKeys),
            length: fc.constantFrom(0, 10, mostPieceBytes, mostPieceBytes + 1, 3 * mostPieceBytes),
          }),
          { minLength: 1, maxLength: 6 },
        ),
        fc.nat(5),
        async (writes, restartAfter) => {
          let live = blobs();
          const changelog: ProducerRecord[] = [];
          for (const [index, { key, length }] of writes.entries()) {
            changelog.push(...write(live, key, filled(length, index)));
            if (index !== restartAfter) continue;
            live = blobs();
            await live.restore(holding(changelog));
          }
          for (const records of [changelog, compacted(changelog)]) {
            const store = blobs();
            await store.restore(holding(records));
            for (const key of cellKeys) assert.ok(store.touch(key).bytes.equals(live.touch(key).bytes), key);
          }
          const left = compacted(changelog).filter(({ value }) => value !== null);
          const most = writes.length * 3;
          assert.ok(left.length <= most);
        },
      ),
      { seed, numRuns: 20 },
    ));

  it('refuses pieces that are missing, of two writes, damaged, or beside a whole', async () => {
    const bytes = filled(3 * mostPieceBytes, 1);
    const whole = write(blobs(), 'k', bytes).filter(({ value }) => value !== null);
    const other = write(blobs(), 'k', filled(3 * mostPieceBytes, 2)).filter(({ value }) => value !== null);
    const [first, , third] = whole as [ProducerRecord, ProducerRecord, ProducerRecord];
    const damaged = Buffer.from(third.value ?? []);
    damaged.writeUInt8(damaged.readUInt8(100) ^ 1, 100);
    const cases: readonly (readonly [RegExp, readonly ProducerRecord[]])[] = [
      [/piece 1 of 3 is missing/, [first, third]],
      [/another write/, [...whole.slice(0, 2), ...other.slice(2)]],
      [/checksum/, [...whole.slice(0, 2), { ...third, value: damaged }]],
      [/as one record and in pieces/, [...whole, { ...first, key: 'k', value: Buffer.alloc(1) }]],
      [/4 pieces instead of 3/, [...whole, { ...third, key: partKey('k', pieceName('', 3)) }]],
    ];
    for (const [message, records] of cases)
      await assert.rejects(blobs().restore(holding(records)), message, String(message));
  });
});
