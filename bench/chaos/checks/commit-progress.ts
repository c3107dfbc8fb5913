/** Watches what every reader has committed, per partition, and when. Recovery and stalls are computed from it. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from 'pg';
import { until } from '../../../base/retry.ts';
import { messageOf } from '../../../base/text.ts';
import { sinkGroup, stepGroup } from '../../../roles/shared-names.ts';
import type { Kafka } from '../../../roles/connections.ts';
import { mainInput, stepNames } from '../../../processors/topology.ts';
import { readPositions } from '../../../sinks/timescale/writing/positions.ts';

const lookEveryMs = 100;
/** A commit that was under way at the fault may still be seen this long after it. It does not count as recovery. */
const afterglowMs = 400;
/** A partition that moved at least this often within this time gets input. */
const recentMs = 6_000;
const fewestMoves = 4;
/** One that has not moved for this long may have had a burst, such as the models that are announced at the start. */
const lastMoveMs = 2_000;

export interface CommitProgress {
  /** The reader's partitions that get input: those that moved within the last seconds. */
  busy(reader: string): readonly string[];
  /**
   * Resolves with the seconds from `since` until every one of these partitions has moved again.
   * @throws Error when one does not move in time
   */
  recovery(reader: string, partitions: readonly string[], since: number, timeoutMs?: number): Promise<number>;
  /** The longest time, in seconds, that one of these partitions did not move between `since` and `until`. */
  longestStall(reader: string, partitions: readonly string[], since: number, until: number): number;
  /** Resolves when the reader has begun and every partition that gets input has moved after the call. */
  flowing(reader: string, timeoutMs?: number): Promise<void>;
  /** Positions that were before an earlier one, or that were gone: what was processed would be processed again. */
  readonly backwards: readonly string[];
  stop(): Promise<void>;
}

/** The committed offset of one partition, and the times at which it moved, ms since the epoch. */
interface Trace {
  position: number;
  readonly moves: number[];
}

export function watchProgress(kafka: Kafka, pool: Pool): CommitProgress {
  const traces = new Map<string, Map<string, Trace>>();
  const backwards: string[] = [];
  let stopped = false;

  function seen(reader: string, partition: string, position: number): void {
    const own = traces.get(reader) ?? new Map<string, Trace>();
    traces.set(reader, own);
    const trace = own.get(partition);
    if (trace === undefined) own.set(partition, { position, moves: [] });
    else if (trace.position !== position) {
      if (position < trace.position)
        backwards.push(`${reader} had committed ${trace.position} of ${partition}, and then ${position}`);
      trace.position = position;
      trace.moves.push(Date.now());
    }
  }

  async function lookForever(look: () => Promise<void>): Promise<void> {
    while (!stopped) {
      await look().catch(() => undefined); // the part may be the one that has just been killed
      await sleep(lookEveryMs);
    }
  }

  const lookers = [
    ...stepNames.map((step) =>
      lookForever(async () => {
        const topic = kafka.topics[mainInput(step)];
        const offsets = await kafka.transport.committedOffsets(stepGroup(kafka.prefix, step), topic);
        for (const [partition, offset] of offsets) seen(step, String(partition), offset);
        for (const [partition, { position }] of traces.get(step) ?? [])
          if (!offsets.has(Number(partition)))
            backwards.push(`${step} had committed ${position} of ${partition}, and then nothing`);
      }),
    ),
    lookForever(async () => {
      for (const { topic, partition, nextOffset } of await readPositions(pool, sinkGroup(kafka.prefix)))
        seen('sink', `${topic}/${partition}`, nextOffset);
    }),
  ];

  const moves = (reader: string, partition: string): readonly number[] =>
    traces.get(reader)?.get(partition)?.moves ?? [];
  const busy = (reader: string): readonly string[] => {
    const now = Date.now();
    return [...(traces.get(reader) ?? [])].flatMap(([partition, { moves: all }]) => {
      const isBusy =
        all.filter((move) => move > now - recentMs).length >= fewestMoves &&
        (all.at(-1) ?? 0) > now - lastMoveMs;
      return isBusy ? [partition] : [];
    });
  };
  const movedAfter = (reader: string, partition: string, time: number): number | undefined =>
    moves(reader, partition).find((move) => move > time);

  async function recovery(
    reader: string,
    partitions: readonly string[],
    since: number,
    timeoutMs = 90_000,
  ): Promise<number> {
    const standing = (): readonly string[] =>
      partitions.filter((partition) => movedAfter(reader, partition, since + afterglowMs) === undefined);
    await until(
      () => `${reader} to continue with ${standing().join(', ')}`,
      () => standing().length === 0,
      { timeout: timeoutMs },
    ).catch(async (error: unknown) => {
      if (!(await someGetInput(reader, standing()))) return;
      throw new Error(`${messageOf(error)}; ${await places()}`, { cause: error });
    });
    const times = partitions.map((partition) => movedAfter(reader, partition, since + afterglowMs) ?? since);
    return (Math.max(since, ...times) - since) / 1000;
  }

  /** Whether one of these partitions has records that the reader has not processed. */
  async function someGetInput(reader: string, partitions: readonly string[]): Promise<boolean> {
    const step = stepNames.find((name) => name === reader);
    for (const partition of partitions) {
      const [topic = '', number = ''] =
        step === undefined ? partition.split('/') : [kafka.topics[mainInput(step)], partition];
      const end = (await kafka.transport.endOffsets(topic)).get(Number(number)) ?? 0;
      if (end > (traces.get(reader)?.get(partition)?.position ?? 0)) return true;
    }
    return false;
  }

  /** What every step has committed, and what there is: has a step stopped, or does it get nothing? */
  async function places(): Promise<string> {
    const ofSteps = stepNames.map(async (step) => {
      const ends = await kafka.transport.endOffsets(kafka.topics[mainInput(step)]);
      const ofStep = [...ends].map(([partition, end]) => {
        const committed = traces.get(step)?.get(String(partition))?.position ?? 'nothing';
        return `${partition}: ${committed} of ${end}`;
      });
      return `${step} ${ofStep.join(', ')}`;
    });
    return `committed are: ${(await Promise.all(ofSteps)).join('; ')}`;
  }

  return {
    busy,
    backwards,
    recovery,
    longestStall(reader, partitions, since, end) {
      let longest = 0;
      for (const partition of partitions) {
        const times = [...moves(reader, partition).filter((move) => move > since && move < end), end];
        let before = since;
        for (const time of times) {
          longest = Math.max(longest, time - before);
          before = time;
        }
      }
      return longest / 1000;
    },
    async flowing(reader, timeoutMs = 90_000) {
      await until(
        () => `${reader} to flow`,
        () => busy(reader).length > 0,
        { timeout: timeoutMs },
      );
      await recovery(reader, busy(reader), Date.now() - afterglowMs, timeoutMs);
    },
    async stop() {
      stopped = true;
      await Promise.all(lookers);
    },
  };
}
