/** One run: starts the pipeline, injects faults one after another, lets everything settle, and judges the result. */
import { whyNotReconciled } from '../../proof/reconcile.ts';
import { messageOf } from '../../base/text.ts';
import type { Fault, Injection } from './fault.ts';
import { readers, type ReaderName } from './rig/fleet.ts';
import { startChaosRig, type ChaosRig, type ChaosRigOptions } from './rig/chaos-rig.ts';
import { judge, percentile, type RunVerdict } from './checks/verdict.ts';

export interface ScenarioOptions extends Omit<ChaosRigOptions, 'spoil' | 'sourceFaults' | 'by' | 'note'> {
  readonly faults: readonly Fault[];
  readonly times: number;
  /** Readers whose processes are hit by faults that hit one at a time; default all. */
  readonly readers?: readonly ReaderName[];
  readonly isOver: () => boolean;
}

export interface ScenarioResult {
  readonly faults: readonly string[];
  readonly title: string;
  readonly verdict: RunVerdict | 'did not finish' | 'skipped' | 'not injected';
  /** True when the verdict is good and there were no problems. */
  readonly passed: boolean;
  /** True when the time was over before all rounds were injected. */
  readonly isCut: boolean;
  readonly problems: readonly string[];
  readonly injections: readonly Injection[];
  /** Other measurements, one sentence each. */
  readonly notes: readonly string[];
  readonly readings: number;
  readonly seconds: number;
  readonly recoveryP50: number | null;
  readonly recoveryP99: number | null;
  readonly othersStalled: number | null;
  readonly slowestDrain: number | null;
}

/** Never rejects because of the pipeline: a run that stops or breaks is a failed result. */
export async function runScenario(options: ScenarioOptions): Promise<ScenarioResult> {
  const began = performance.now();
  const injections: Injection[] = [];
  const notes: string[] = [];
  const end = await underFire(options, injections, notes).catch(didNotEnd);
  return summary(options.faults, end, injections, notes, (performance.now() - began) / 1000);
}

const didNotEnd = (error: unknown): End => ({
  verdict: 'did not finish',
  problems: [messageOf(error)],
  readings: 0,
  isCut: false,
});

/** The result for a fault that this machine cannot provide: neither passed nor failed. */
export const skipped = (fault: Fault, why: string): ScenarioResult =>
  summary([fault], { verdict: 'skipped', problems: [why], readings: 0, isCut: false }, [], [], 0);

/** The result for a fault that was not begun, because the time was over. */
export const notInjected = (fault: Fault): ScenarioResult =>
  summary(
    [fault],
    { verdict: 'not injected', problems: ['the time was over before it began'], readings: 0, isCut: true },
    [],
    [],
    0,
  );

/** The result for a fault whose stack did not start. */
export const broken = (fault: Fault, error: unknown): ScenarioResult =>
  summary([fault], didNotEnd(error), [], [], 0);

function summary(
  faults: readonly Fault[],
  end: End,
  injections: readonly Injection[],
  notes: readonly string[],
  seconds: number,
): ScenarioResult {
  const of = (pick: (injection: Injection) => number | undefined): number[] =>
    injections.flatMap((injection) => pick(injection) ?? []);
  const recoveries = of(({ recovery }) => recovery);
  return {
    ...end,
    faults: faults.map(({ name }) => name),
    title: faults.map(({ title }) => title).join('; '),
    passed: end.verdict === goodVerdict(faults) && end.problems.length === 0,
    injections,
    notes,
    seconds,
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

const deletes = (faults: readonly Fault[]): boolean => faults.some((fault) => fault.deletes);

const goodVerdict = (faults: readonly Fault[]): RunVerdict =>
  deletes(faults) ? 'all records delivered but the deleted ones' : 'all records delivered';

type End = Pick<ScenarioResult, 'verdict' | 'problems' | 'readings' | 'isCut'>;

async function underFire(options: ScenarioOptions, injections: Injection[], notes: string[]): Promise<End> {
  const { faults, times, say } = options;
  let isCut = false;
  // A fault asks before each injection that it has still to make.
  const isOver = (): boolean => (isCut ||= options.isOver());
  const context = { times, isOver, readers: options.readers ?? readers };
  const note = (text: string): void => {
    notes.push(text);
    say(`  ${text}`);
  };
  const rig = await startChaosRig({
    ...options,
    note,
    by: faults.find(({ by }) => by !== undefined)?.by,
    sourceFaults: faults.some(({ sourceFaults }) => sourceFaults === 'none') ? 'none' : 'all',
    spoil: (source, surroundings) =>
      faults.reduce((spoiled, fault) => fault.spoil?.(spoiled, surroundings) ?? spoiled, source),
  });
  try {
    for (const fault of faults)
      for await (const injection of fault.inject(rig, context)) {
        injections.push(injection);
        say(`  ${describe(injection)}`);
      }
    const result = await rig.settle();
    const problems = [
      ...whyNotReconciled(deletes(faults) ? { ...result, missing: [] } : result),
      ...injections.flatMap(({ violations }) => violations ?? []),
    ];
    for (const fault of faults) problems.push(...((await fault.afterwards?.(rig, result)) ?? []));
    problems.push(...rig.progress.backwards, ...rig.fleet.unexpectedEnds);
    return { verdict: judge(result), problems, readings: result.recordsIn, isCut };
  } catch (error) {
    throw withLogs(error, rig);
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
    ...seconds('others stalled for', othersStalled),
    ...seconds('drained in', drain),
    ...violations.map((violation) => `VIOLATION: ${violation}`),
  ];
  return parts.join(', ');
}

/** The rig's logs are removed with the rig, so this keeps their ends in the error. */
function withLogs(error: unknown, { fleet, feed }: ChaosRig): Error {
  const { all, unexpectedEnds } = fleet;
  const failure = feed.failure();
  const ofFeed = failure === undefined ? [] : [`the feed has failed: ${failure.message}`];
  const tails = all.map((member) => `--- ${member.name}\n${member.logTail()}`);
  return new Error([messageOf(error), ...ofFeed, ...unexpectedEnds, ...tails].join('\n'), { cause: error });
}
