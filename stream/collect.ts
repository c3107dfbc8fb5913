/** Which records a task processes next. */
import type { Slice } from './batch-processor.ts';
import type { Signal } from './signal.ts';
import { takeFrom, type TaskInput } from './task-input.ts';

/** How a task waits for its tables. */
export interface TableEnds {
  /** Where the task's partition of the topic ends, as of some moment after this call. */
  readonly ends: (topic: string) => Promise<number>;
  /** Set when records have arrived, and when the task is over. */
  readonly arrival: Signal;
  readonly isOver: () => boolean;
}

/**
 * Up to `max` records of each input. Before records of a stream, the tables are read up to where they end at some
 * moment after those records had arrived: whatever was acknowledged before a stream record was sent is then in.
 */
export async function collect(
  readable: readonly TaskInput[],
  max: number,
  tableEnds: TableEnds,
): Promise<ReadonlyMap<TaskInput, Slice>> {
  const tables = readable.filter(({ role }) => role === 'table');
  // What arrives while the tables are read may be younger than they are.
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

/** True when all tables are in memory to their ends; false as soon as there is a table batch to process first. */
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
