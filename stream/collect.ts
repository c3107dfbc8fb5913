/** Chooses the records that a task processes next. */
import type { Slice } from './batch-processor.ts';
import type { Signal } from './signal.ts';
import { takeFrom, type TaskInput } from './task-input.ts';

/** How a task finds out whether it has read its tables to their ends. */
export interface TableEnds {
  /** The end offset of the task's partition of the topic, read after this call began. */
  readonly ends: (topic: string) => Promise<number>;
  /** Set when records have arrived, and when the task ends. */
  readonly arrival: Signal;
  readonly isOver: () => boolean;
}

/**
 * Takes up to `max` records of each input. Before stream records, it reads the tables up to their ends, as they are after
 * those stream records arrived. So a table record that was acknowledged before a stream record was sent is always included.
 */
export async function collect(
  readable: readonly TaskInput[],
  max: number,
  tableEnds: TableEnds,
): Promise<ReadonlyMap<TaskInput, Slice>> {
  const tables = readable.filter(({ role }) => role === 'table');
  // Stream records that arrive while the tables are read may be newer than the tables, so they are not counted.
  const streams = readable
    .filter(({ role }) => role === 'stream')
    .map((input) => ({ input, waiting: Math.min(input.buffer.count, max) }));
  const isDriven = streams.some(({ waiting }) => waiting > 0);
  const slices = new Map<TaskInput, Slice>();
  const goesOn = tables.length === 0 || !isDriven || (await areCaughtUp(tables, max, tableEnds));
  for (const table of tables) takeFrom(table, max, slices);
  if (goesOn) for (const { input, waiting } of streams) takeFrom(input, waiting, slices);
  return slices;
}

/** Returns true when all tables are in memory to their ends, and false as soon as a table batch has to be processed first. */
async function areCaughtUp(
  tables: readonly TaskInput[],
  max: number,
  { ends, arrival, isOver }: TableEnds,
): Promise<boolean> {
  const goals = await Promise.all(tables.map(({ source }) => ends(source.topic)));
  for (;;) {
    const isBehind = tables.some(({ buffer }, index) => buffer.position < (goals[index] ?? 0));
    const isFull = tables.some(({ buffer }) => buffer.count >= max);
    if (!isBehind && !isFull) return true;
    if (isFull || isOver()) return false;
    await arrival.wait();
  }
}
