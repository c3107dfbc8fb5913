/**
 * Event-time latency: from the scheduled send of a reading until its output could be read. The rate rises step by step
 * while everything runs.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { runTimeout } from './rig.ts';
import { until } from '../../base/retry.ts';
import type { Contender } from '../contenders/contender.ts';
import { checkOutputs } from './expectation.ts';
import { OutputObserver } from '../load/output-observer.ts';
import type { Latency } from '../load/observer-protocol.ts';
import type { Rig } from './rig.ts';

export interface RateStep {
  /** Readings per second. */
  readonly rate: number;
  readonly seconds: number;
}

export interface LatencyAt {
  readonly rate: number;
  readonly latency: Latency;
  /** How late the load generator itself was, p99, ms. The latency includes it. */
  readonly sentLate: number;
}

export interface LatencyOptions {
  readonly rig: Rig;
  /** Records processed as a backlog before the first step: the rig's split. */
  readonly warmUp: number;
  readonly steps: readonly RateStep[];
  /** Ends the steps early, when the last rate was too high. */
  readonly enough?: (step: LatencyAt) => boolean;
}

export interface LatencyResult {
  readonly contender: string;
  readonly steps: readonly LatencyAt[];
  /** Whether the outputs equal the oracle's. */
  readonly agrees: boolean;
}

const patienceMs = 60_000;

/** Times feature rows: they are the end of the chain, and a row has the timestamp of the reading that completed it. */
export async function measureLatency(
  contender: Contender,
  { rig, warmUp, steps, enough = () => false }: LatencyOptions,
): Promise<LatencyResult> {
  const run = await rig.openRun(`${contender.name}-latency`);
  const { prefix, topics } = run.kafka;
  const topic = topics.features;
  const observer = await OutputObserver.start({
    brokers: run.brokers,
    topics: [topic],
    group: `${prefix}observer`,
  });
  try {
    const running = await contender.start(run);
    try {
      await rig.loader.fill({ prefix, from: 0, to: warmUp });
      await until('all that was sent', () => running.isDone(), runTimeout);
      const measured: LatencyAt[] = [];
      let sent = warmUp;
      for (const { rate, seconds } of steps) {
        const to = Math.min(rig.expectation.records, sent + Math.round(rate * seconds));
        if (to === sent) break; // the dataset's end
        const paced = await rig.loader.pace({ prefix, from: sent, to, rate });
        sent = to;
        const seen = await untilSeen(observer, topic, rig.expectation.count('features', sent));
        if (!seen) break;
        const { topic: latency } = await observer.latency(topic, { from: paced.first, to: paced.last });
        const at = { rate, latency, sentLate: paced.delayP99 };
        measured.push(at);
        if (enough(at)) break;
      }
      await until('all that was sent', () => running.isDone(), runTimeout);
      await running.stop();
      const checks = await checkOutputs(run.kafka, rig.expectation, sent);
      return {
        contender: contender.name,
        steps: measured,
        agrees: checks.every(({ agrees }) => agrees),
      };
    } finally {
      await running.stop();
    }
  } finally {
    observer.stop();
    await run.close();
  }
}

/** Resolves with false when the records do not come. */
async function untilSeen(observer: OutputObserver, topic: string, records: number): Promise<boolean> {
  const end = Date.now() + patienceMs;
  while ((await observer.count(topic)).records < records) {
    if (Date.now() > end) return false;
    await sleep(50);
  }
  return true;
}
