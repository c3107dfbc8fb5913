/** One run: the pipeline started, faults done to it one after another, settled, and judged. */
import type { Fault, Injection } from './fault.ts';
import { readers, type Fleet, type Reader } from './fleet.ts';
import { startRig, type RigOptions } from './rig.ts';
import { judge, percentile, type Verdict } from './verdict.ts';

export interface ScenarioOptions extends Omit<RigOptions, 'spoil' | 'sourceFaults'> {
  readonly faults: readonly Fault[];
  readonly times: number;
  /** Whose processes are hit, by faults that hit one at a time; default all. */
  readonly readers?: readonly Reader[];
  readonly isOver: () => boolean;
}

export interface ScenarioResult {
  readonly faults: readonly string[];
  readonly title: string;
  readonly verdict: Verdict | 'did not come to its end';
  /** The verdict is good and nothing happened that should not. */
  readonly passed: boolean;
  readonly problems: readonly string[];
  readonly injections: readonly Injection[];
  readonly readings: number;
  readonly seconds: number;
  readonly recoveryP50: number | null;
  readonly recoveryP99: number | null;
  readonly othersStalled: number | null;
  readonly slowestDrain: number | null;
}

/** Never rejects for what the pipeline does: a run that stands still or breaks is a failed one. */
export async function runScenario(options: ScenarioOptions): Promise<ScenarioResult> {
  const began = performance.now();
  const injections: Injection[] = [];
  const end = await underFire(options, injections).catch((error: unknown) => ({
    verdict: 'did not come to its end' as const,
    problems: [error instanceof Error ? error.message : String(error)],
    readings: 0,
  }));
  const of = (pick: (injection: Injection) => number | undefined): number[] =>
    injections.flatMap((injection) => pick(injection) ?? []);
  const recoveries = of(({ recovery }) => recovery);
  return {
    ...end,
    faults: options.faults.map(({ name }) => name),
    title: options.faults.map(({ title }) => title).join('; '),
    passed: end.verdict === 'all records delivered' && end.problems.length === 0,
    injections,
    seconds: (performance.now() - began) / 1000,
    recoveryP50: percentile(recoveries, 0.5),
    recoveryP99: percentile(recoveries, 0.99),
    othersStalled: percentile(
      of(({ othersStalled }) => othersStalled),
      1,
    ),
    slowestDrain: percentile(
      of(({ drain }) => drain),
      1,
    ),
  };
}

type End = Pick<ScenarioResult, 'verdict' | 'problems' | 'readings'>;

async function underFire(options: ScenarioOptions, injections: Injection[]): Promise<End> {
  const { faults, times, isOver, say, seed } = options;
  const context = { times, isOver, readers: options.readers ?? readers };
  const rig = await startRig({
    ...options,
    sourceFaults: faults.some(({ sourceFaults }) => sourceFaults === 'none') ? 'none' : 'all',
    spoil: (source, kafka) =>
      faults.reduce((spoiled, fault) => fault.spoil?.(spoiled, seed, kafka) ?? spoiled, source),
  });
  try {
    for (const fault of faults)
      for await (const injection of fault.inject(rig, context)) {
        injections.push(injection);
        say(`  ${describe(injection)}`);
      }
    const result = await rig.settle();
    const problems = [...result.differences, ...injections.flatMap(({ violations }) => violations ?? [])];
    for (const fault of faults) problems.push(...((await fault.afterwards?.(rig, result)) ?? []));
    problems.push(...rig.fleet.unexpectedEnds);
    return { verdict: judge(result), problems, readings: result.recordsIn };
  } catch (error) {
    throw withLogs(error, rig.fleet);
  } finally {
    await rig.stop();
  }
}

export function describe({ what, recovery, othersStalled, drain, violations = [] }: Injection): string {
  const seconds = (name: string, value: number | undefined): string[] =>
    value === undefined ? [] : [`${name} ${value.toFixed(1)} s`];
  const parts = [
    what,
    ...seconds('recovered after', recovery),
    ...seconds('others stood for', othersStalled),
    ...seconds('drained in', drain),
    ...violations.map((violation) => `VIOLATION: ${violation}`),
  ];
  return parts.join(', ');
}

/** The rig's logs go with the rig: what they ended with is kept in the error. */
function withLogs(error: unknown, { all, unexpectedEnds }: Fleet): Error {
  const tails = all.map((member) => `--- ${member.name}\n${member.logTail()}`);
  const message = error instanceof Error ? error.message : String(error);
  return new Error([message, ...unexpectedEnds, ...tails].join('\n'), { cause: error });
}
