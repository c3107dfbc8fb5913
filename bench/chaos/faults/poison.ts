/**
 * A stream with poison in it: bytes that nothing can decode, values that are no numbers, a clock a day ahead. Then
 * the dead letters sent back, twice; and at last nothing but poison, which must stop the step it is fed to.
 */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Kafka } from '../../../cli/connections.ts';
import { readTopic } from '../../../cli/reconcile/read-topic.ts';
import type { Reconciliation } from '../../../cli/reconcile/reconcile.ts';
import { Random } from '../../../sources/random.ts';
import type { ReadingRecord, Source, SourceRecord } from '../../../sources/source.ts';
import { partitionForKey } from '../../../stream/index.ts';
import type { Fault } from '../fault.ts';
import type { Rig } from '../rig.ts';
import { tableDigests } from '../table-digests.ts';
import { until } from '../until.ts';
import { randomMoment } from './common.ts';

/** Of each of the three kinds, per reading. */
const share = 0.001;
/** So many undecodable ones per round. */
const fewest = 10;
const day = 86_400_000;
/** The breaker looks at its last 1,000 records. */
const mostBeforeTheBreaker = 1_000;
const cli = join(import.meta.dirname, '../../../cli/castwatch.ts');
const run = promisify(execFile);

export const poison: Fault = {
  name: 'poison',
  title:
    '0.1 % each of undecodable records, NaN and infinities, and a clock a day ahead; then nothing but poison',
  sourceFaults: 'none',
  spoil: poisoned,
  async *inject(rig, { times, isOver }) {
    // What is injected is in the stream: enough of it has to flow.
    while (counted(rig).undecodable < fewest * times && !isOver()) await randomMoment(rig, 'validate');
    const { undecodable, notANumber, dayAhead } = counted(rig);
    yield { what: `${undecodable} undecodable, ${notANumber} not a number, ${dayAhead} a day ahead so far` };
  },
  async afterwards(rig, result) {
    return [...exactlyThose(rig, result), ...(await replayedTwice(rig)), ...(await nothingButPoison(rig))];
  },
};

interface PoisonCounts {
  undecodable: number;
  notANumber: number;
  dayAhead: number;
}

const counted = (rig: Rig): PoisonCounts => rig.feed.source.counts() as unknown as PoisonCounts;

function poisoned(source: Source, seed: string, kafka: Kafka): Source {
  let counts: PoisonCounts = { undecodable: 0, notANumber: 0, dayAhead: 0 };
  const codec = kafka.serde.codec('sensorReadings');
  async function* stream(): AsyncGenerator<readonly SourceRecord[]> {
    const random = new Random(`${seed}|poison`);
    counts = { undecodable: 0, notANumber: 0, dayAhead: 0 };
    for await (const batch of source) {
      const out: SourceRecord[] = [];
      for (const record of batch) {
        if (record.value === null || record.topic !== 'sensorReadings') {
          out.push(record);
          continue;
        }
        const draw = random.uniform();
        if (draw < share) {
          const bytes = nonsense(random, codec.encode(record.value));
          const { timestamp, due } = record;
          const { asset: key } = record.value;
          out.push({ topic: 'sensorReadings', value: null, key, bytes, timestamp, due }, record);
          counts.undecodable++;
        } else if (draw < 2 * share) {
          out.push(notANumber(record, random));
          counts.notANumber++;
        } else if (draw < 3 * share) {
          out.push({ ...record, value: { ...record.value, eventTime: record.value.eventTime + day } });
          counts.dayAhead++;
        } else out.push(record);
      }
      yield out;
    }
  }
  return {
    name: source.name,
    [Symbol.asyncIterator]: stream,
    progress: () => source.progress(),
    counts: () => ({ ...counts }),
  };
}

/** No frame, a schema id that nobody gave out, a record cut short, an empty one, a large one. */
function nonsense(random: Random, good: Buffer): Buffer {
  switch (random.below(5)) {
    case 0:
      return Buffer.from('{"temperature": 1534}');
    case 1: {
      const bytes = Buffer.from(good);
      bytes.writeInt32BE(0x7fff_fff0 + random.below(10), 1);
      return bytes;
    }
    case 2:
      return good.subarray(0, 5 + random.below(good.length / 2));
    case 3:
      return Buffer.alloc(0);
    default:
      return Buffer.alloc(900_000, 0x55);
  }
}

function notANumber(record: ReadingRecord, random: Random): ReadingRecord {
  const value =
    [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY][random.below(3)] ?? Number.NaN;
  const spoiled = random.below(record.value.measurements.length);
  const measurements = record.value.measurements.map((measurement, index) =>
    index === spoiled ? { ...measurement, value } : measurement,
  );
  return { ...record, value: { ...record.value, measurements } };
}

/** Dead letters and rejections are those that were put in, neither more nor less. */
function exactlyThose(rig: Rig, { deadLettered, rejected, findings }: Reconciliation): string[] {
  const { undecodable, notANumber: wild, dayAhead } = counted(rig);
  const dead = Object.values(deadLettered).reduce((sum, count) => sum + count, 0);
  const problems: string[] = [];
  const same = (what: string, put: number, found: number): void => {
    if (put !== found) problems.push(`${put} ${what} were put in, ${found} were found`);
  };
  same('undecodable records', undecodable, dead);
  same('values that are no numbers', wild, findings['NOT_A_NUMBER'] ?? 0);
  same('readings a day ahead', dayAhead, rejected['FUTURE'] ?? 0);
  if (undecodable === 0) problems.push('no poison was put in: the stream was too short');
  return problems;
}

async function replayedTwice(rig: Rig): Promise<string[]> {
  const problems: string[] = [];
  const before = await tableDigests(rig.pool);
  for (const time of ['first', 'second']) {
    const { stdout } = await run(process.execPath, [cli, 'dead-letters', 'replay', '--json'], {
      env: { ...process.env, ...rig.env, LOG_LEVEL: 'error' },
      timeout: 60_000,
    });
    const { replayed } = JSON.parse(stdout) as { replayed: number };
    if (replayed === 0) problems.push('nothing was replayed');
    await rig.untilSettled();
    const after = await tableDigests(rig.pool);
    for (const [table, digest] of before)
      if (after.get(table) !== digest) problems.push(`${table} differs after the ${time} replay`);
  }
  return problems;
}

/** One asset sends only nonsense: its task stops, having buried no more than the breaker's window. */
async function nothingButPoison(rig: Rig): Promise<string[]> {
  const { transport, topics } = rig.kafka;
  const before = await countLetters(rig);
  const key = 'nothing-but-poison';
  const partition = partitionForKey(Buffer.from(key), await transport.partitionCount(topics.sensorReadings));
  const producer = await transport.producer();
  try {
    const value = Buffer.from('poison');
    for (let sent = 0; sent < 5_000; sent += 250)
      await producer.send(
        Array.from({ length: 250 }, () => ({ topic: topics.sensorReadings, partition, key, value })),
      );
  } finally {
    await producer.close();
  }
  await until(
    () => rig.fleet.of('validate').some(({ status }) => status?.halted === true),
    () => 'the breaker to stop the task',
    30_000,
  );
  const buried = (await countLetters(rig)) - before;
  rig.say(`  nothing but poison: the breaker stopped the task after ${buried} more dead letters`);
  return buried > mostBeforeTheBreaker ? [`${buried} records were buried before the breaker tripped`] : [];
}

async function countLetters({ kafka }: Rig): Promise<number> {
  let count = 0;
  for await (const { records } of readTopic(kafka.transport, kafka.topics.deadLetters))
    count += records.length;
  return count;
}
