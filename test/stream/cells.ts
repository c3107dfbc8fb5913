/** A state of a few cells, and a transport that holds a changelog: for the tests of the state store. */
import type { PartedCodec, ProducerRecord, RawRecord, StateCodec, Transport } from '../../stream/index.ts';
import { StateStore } from '../../stream/state-store.ts';

/** Counters in a few cells; a cell is a part. */
export interface Cells {
  total: number;
  readonly cells: number[];
  readonly changed: Set<number>;
}

export const createCells = (): Cells => ({ total: 0, cells: [0, 0, 0, 0], changed: new Set() });

export function cellsCodec(layout: string): PartedCodec<Cells> {
  const text = (value: unknown) => Buffer.from(JSON.stringify(value));
  return {
    changes(state, put) {
      put('', text(state.total));
      for (const cell of state.changed) put(String(cell), text([layout, state.cells[cell]]));
      state.changed.clear();
    },
    restore(parts) {
      const state = createCells();
      const obsolete: string[] = [];
      state.total = JSON.parse(parts.get('')?.toString() ?? '0') as number;
      for (const [part, bytes] of parts) {
        if (part === '') continue;
        const [of, count] = JSON.parse(bytes.toString()) as [string, number];
        if (of === layout) state.cells[Number(part)] = count;
        else obsolete.push(part);
      }
      return { state, obsolete };
    },
  };
}

export const cellsStore = (codec: StateCodec<Cells>): StateStore<Cells> =>
  new StateStore({ create: createCells }, { codec, changelog: 'changelog' }, 0);

/** A transport whose changelog holds these records. */
export function holding(records: readonly ProducerRecord[]): Transport {
  const raw = records.map(({ key, value }, offset): RawRecord => ({
    offset,
    key: Buffer.from(key ?? ''),
    value,
    timestamp: 0,
    headers: undefined,
  }));
  const read: Transport['read'] = (_, each) => {
    each(raw);
    return Promise.resolve();
  };
  return { read } as unknown as Transport;
}

/** What Kafka's log cleaner leaves: the last record of each key, and no tombstones after a while. */
export function compacted(records: readonly ProducerRecord[]): ProducerRecord[] {
  const last = new Map(records.map((record) => [String(record.key), record]));
  return records.filter((record) => last.get(String(record.key)) === record && record.value !== null);
}

/** Keys that are easily mistaken for parts of other keys. */
export const cellKeys = ['a', 'b', 'a\u001f1', '\u001f', ''];
export function applyTo(store: StateStore<Cells>, batch: readonly { key: string; cell: number }[]): void {
  for (const { key, cell } of batch) {
    const state = store.touch(key);
    state.total += 1;
    state.cells[cell] = (state.cells[cell] ?? 0) + 1;
    state.changed.add(cell);
  }
}

export const contentOf = (store: StateStore<Cells>) =>
  cellKeys.map((key) => {
    const { total, cells } = store.touch(key);
    return { key, total, cells };
  });

export async function restoredCells(codec: StateCodec<Cells>, changelog: readonly ProducerRecord[]) {
  const store = cellsStore(codec);
  await store.restore(holding(changelog));
  return store;
}
