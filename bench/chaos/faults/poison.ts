/**
 * A stream with poison in it: undecodable bytes, values that are not numbers, a clock that is a day ahead. Then the dead
 * letters are replayed, twice. At last the stream is nothing but poison, which must stop the step that reads it.
 */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { until } from '../../../base/retry.ts';
import { readTopic } from '../../../proof/read-topic.ts';
import type { Reconciliation } from '../../../proof/reconcile.ts';
import { partitionForKey, readDeadLetter } from '../../../stream/index.ts';
import type { Fault } from '../fault.ts';
import { watchLatency, type LatencyWatch } from '../checks/prediction-latency.ts';
import { firstScan, type ChaosRig } from '../rig/chaos-rig.ts';
import { tableDigests } from '../checks/table-digests.ts';
import { randomMoment } from './common.ts';
import { isPoisoned, nonsenseKinds, poisoned, poisonIn, undecodable, type PoisonCounts } from './poisoned.ts';

/** Undecodable records per round: each kind twice. */
const fewest = 2 * nonsenseKinds.length;
/** The breaker looks at its last 1,000 records. */
const mostBeforeTheBreaker = 1_000;
const cli = join(import.meta.dirname, '../../../cli/castwatch.ts');
const run = promisify(execFile);

export const poison: Fault = {
  name: 'poison',
  title:
    '0.1 % each of undecodable records (of six kinds, megabytes among them), NaN and infinities, and clocks a day ahead; then nothing but poison',
  sourceFaults: 'none',
  spoil: poisoned,
  async *inject(rig, { times, isOver }) {
    const latency = await watchLatency(rig.kafka);
    try {
      // The poison is in the stream: wait until enough of it has flowed.
      while (!isEnough(counts(rig), times) && !isOver()) await randomMoment(rig, 'validate', 'predict');
      rig.note(besidePoison(latency));
    } finally {
      await latency.stop();
    }
    const so = counts(rig);
    yield {
      what: `${undecodable(so)} undecodable, ${so['not a number']} not a number, ${so['a day ahead']} a day ahead so far`,
    };
  },
  async afterwards(rig, result) {
    return [...exactlyThose(rig, result), ...(await replayedTwice(rig)), ...(await nothingButPoison(rig))];
  },
};

const counts = (rig: ChaosRig): PoisonCounts => poisonIn(rig.feed.source);

const isEnough = (put: PoisonCounts, rounds: number): boolean =>
  undecodable(put) >= fewest * rounds && Object.values(put).every((count) => count >= rounds);

function besidePoison(latency: LatencyWatch): string {
  const poisonedAt = (timestamp: number): boolean => isPoisoned(timestamp - firstScan);
  const beside = latency.of(poisonedAt);
  const clean = latency.of((timestamp) => !poisonedAt(timestamp));
  const ratio = (a: number, b: number): string => (a / b).toFixed(2);
  return (
    `publication to prediction alongside poison: p50 ${beside.p50} ms, p99 ${beside.p99} ms of ${beside.count}; ` +
    `without poison, in turns: p50 ${clean.p50} ms, p99 ${clean.p99} ms of ${clean.count}; ` +
    `ratio ${ratio(beside.p50, clean.p50)} and ${ratio(beside.p99, clean.p99)}`
  );
}

/** Dead letters and rejections must be exactly the injected records. */
function exactlyThose(rig: ChaosRig, { deadLettered, rejected, findings }: Reconciliation): string[] {
  const put = counts(rig);
  const dead = Object.values(deadLettered).reduce((sum, count) => sum + count, 0);
  const problems: string[] = [];
  const same = (what: string, given: number, found: number): void => {
    if (given !== found) problems.push(`${given} ${what} were injected, ${found} were found`);
  };
  same('undecodable records', undecodable(put), dead);
  same('values that are not numbers', put['not a number'], findings['NOT_A_NUMBER'] ?? 0);
  same('readings a day ahead', put['a day ahead'], rejected['FUTURE'] ?? 0);
  for (const [kind, count] of Object.entries(put))
    if (count === 0) problems.push(`"${kind}" was never injected: the stream was too short`);
  const kinds = Object.entries(put).map(([kind, count]) => `${count} × ${kind}`);
  if (problems.length === 0)
    rig.note(`injected, and exactly these dead-lettered or rejected: ${kinds.join(', ')}`);
  return problems;
}

async function replayedTwice(rig: ChaosRig): Promise<string[]> {
  const problems: string[] = [];
  const before = await tableDigests(rig.pool);
  for (const time of ['first', 'second']) {
    const { stdout } = await run(process.execPath, [cli, 'dead-letters', 'replay', '--json'], {
      env: { ...process.env, ...rig.env, LOG_LEVEL: 'error' },
      timeout: 60_000,
    });
    const { replayed } = JSON.parse(stdout) as { replayed: number };
    if (time === 'first') rig.note(`${replayed} dead letters replayed twice, tables compared after each`);
    if (replayed === 0) problems.push('nothing was replayed');
    await rig.untilSettled();
    const after = await tableDigests(rig.pool);
    for (const [table, digest] of before)
      if (after.get(table) !== digest) problems.push(`${table} differs after the ${time} replay`);
  }
  return problems;
}

/**
 * Several producers send only nonsense for several assets: the task must stop within the breaker's window of dead letters.
 * Told to go on, it makes dead letters of the rest. (The nonsense of one producer alone would be quarantined.)
 */
async function nothingButPoison(rig: ChaosRig): Promise<string[]> {
  const before = await countLetters(rig);
  await sendNonsense(rig);
  await until(
    'the breaker to stop the task',
    () => rig.fleet.of('validate').some(({ status }) => status?.halted === true),
    { timeout: 30_000 },
  );
  const buried = (await countLetters(rig)) - before;
  rig.note(`nothing but poison: the breaker stopped the task after ${buried} more dead letters`);
  const why = 'the producers of the poison are gone';
  await run(process.execPath, [cli, 'breaker', 'resume', '--why', why], {
    env: { ...process.env, ...rig.env, LOG_LEVEL: 'error' },
    timeout: 60_000,
  });
  await until(
    'the task to go on',
    () => rig.fleet.of('validate').every(({ status }) => status?.halted === false && status.ready),
    { timeout: 30_000 },
  );
  await rig.untilSettled();
  const all = (await countLetters(rig)) - before;
  rig.note(`told to go on, the task made dead letters of all ${all}`);
  return [
    ...(buried > mostBeforeTheBreaker
      ? [`${buried} records were dead-lettered before the breaker opened`]
      : []),
    ...(all === nonsense ? [] : [`${all} of ${nonsense} records were dead-lettered in the end`]),
  ];
}

const nonsense = 5_000;

async function sendNonsense({ kafka: { transport, topics } }: ChaosRig): Promise<void> {
  const topic = topics.sensorReadings;
  const partition = partitionForKey('nothing-but-poison', await transport.partitionCount(topic));
  const producers = await Promise.all(Array.from({ length: 4 }, () => transport.producer()));
  try {
    const value = Buffer.from('poison');
    const each = 125;
    for (let sent = 0; sent < nonsense; sent += each * producers.length)
      await Promise.all(
        producers.map((producer, nth) =>
          producer.send(
            Array.from({ length: each }, (_, n) => ({
              topic,
              partition,
              key: `poison-${nth}-${n % 2}`,
              value,
            })),
          ),
        ),
      );
  } finally {
    await Promise.all(producers.map((producer) => producer.close()));
  }
}

async function countLetters({ kafka }: ChaosRig): Promise<number> {
  let count = 0;
  for await (const { records } of readTopic(kafka.transport, kafka.topics.deadLetters))
    count += records.filter((record) => readDeadLetter(record) !== undefined).length;
  return count;
}
