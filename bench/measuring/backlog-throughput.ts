/**
 * Throughput: how fast a contender processes a backlog. A first backlog warms it up. The second becomes visible at one
 * moment, when the transaction that holds it is committed.
 */
import { runTimeout } from './rig.ts';
import { until } from '../../base/retry.ts';
import type { Contender, Run } from '../contenders/contender.ts';
import { checkOutputs, type TopicCheck } from './expectation.ts';
import type { Rig } from './rig.ts';
import { usageOf, type Usage } from './usage.ts';

export interface ThroughputOptions {
  readonly rig: Rig;
  /** Records of the first backlog, and of both. */
  readonly warmUp: number;
  readonly records: number;
  readonly say: (line: string) => void;
  /** Checks the outputs. Default: compares the steps' topics with the oracle. */
  readonly check?: (run: Run) => Promise<readonly Checked[]>;
}

/** The result of a check for one topic. */
export type Checked = Omit<TopicCheck, 'topic'> & { readonly topic: string };

export interface ThroughputResult {
  readonly contender: string;
  readonly records: number;
  readonly seconds: number;
  readonly recordsPerSecond: number;
  /** CPU time per record, µs: of the contender's processes, and of the broker. */
  readonly cpuPerRecord: number;
  readonly brokerCpuPerRecord: number;
  /** Memory of the contender's processes at the end, and at its peak, MiB. */
  readonly residentMiB: number;
  readonly peakMiB: number;
  readonly startSeconds: number;
  readonly checks: readonly Checked[];
  readonly agrees: boolean;
}

export async function measureThroughput(
  contender: Contender,
  options: ThroughputOptions,
): Promise<ThroughputResult> {
  const { rig, warmUp, records, say } = options;
  const check =
    options.check ??
    (async ({ kafka }: Run) => checkOutputs(kafka, await rig.expectationOf(records, warmUp), records));
  const run = await rig.openRun(contender.name);
  const { prefix } = run.kafka;
  try {
    await rig.loader.fill({ prefix, from: 0, to: warmUp });
    const running = await contender.start(run);
    try {
      await until('the end of the backlog', () => running.isDone(), runTimeout);
      await rig.loader.fill({ prefix, from: warmUp, to: records });
      const began = performance.now();
      const [before, brokerBefore] = [usageOf(running.pids), usageOf([rig.brokerPid])];
      await until('the end of the backlog', () => running.isDone(), runTimeout);
      const seconds = (performance.now() - began) / 1_000;
      const [after, brokerAfter] = [usageOf(running.pids), usageOf([rig.brokerPid])];
      await running.stop();
      const checks = await check(run);
      const count = records - warmUp;
      const perRecord = (from: Usage, to: Usage): number => ((to.cpu - from.cpu) / count) * 1e6;
      const result: ThroughputResult = {
        contender: contender.name,
        records: count,
        seconds,
        recordsPerSecond: count / seconds,
        cpuPerRecord: perRecord(before, after),
        brokerCpuPerRecord: perRecord(brokerBefore, brokerAfter),
        residentMiB: after.resident / 1024 ** 2,
        peakMiB: after.peak / 1024 ** 2,
        startSeconds: running.startSeconds,
        checks,
        agrees: checks.every(({ agrees }) => agrees),
      };
      say(describe(contender, result));
      return result;
    } finally {
      await running.stop();
    }
  } finally {
    await run.close();
  }
}

function describe({ title }: Contender, result: ThroughputResult): string {
  const wrong = result.checks.flatMap(({ topic, agrees, lost, duplicates, unexpected }) =>
    agrees ? [] : [`${topic}: ${lost} lost, ${duplicates} duplicates, ${unexpected} unexpected`],
  );
  return [
    `  ${title}: ${Math.round(result.recordsPerSecond)} records/s`,
    `${result.cpuPerRecord.toFixed(1)} µs CPU per record`,
    `broker ${result.brokerCpuPerRecord.toFixed(1)} µs`,
    `${Math.round(result.peakMiB)} MiB`,
    `started in ${result.startSeconds.toFixed(1)} s`,
    wrong.length === 0 ? 'outputs equal the oracle' : `WRONG: ${wrong.join('; ')}`,
  ].join(', ');
}
