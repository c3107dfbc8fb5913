/** A stream with poison in it: undecodable bytes, values that are not numbers, a clock that is a day ahead. */
import { NamedRandom } from '../../../base/random.ts';
import type { ReadingRecord, Replayable, SourceRecord } from '../../../sources/source.ts';
import type { SpoilOptions } from '../fault.ts';

/** Share of readings with nonsense, and with values that are not numbers. A clock goes wrong half as often. */
const share = 0.001;
/** Readings for which an asset's clock stays wrong. */
const skewedReadings = 10;
const day = 86_400_000;

/** ms of plant time. Clean and poisoned spans take turns, so that their latencies can be compared. */
export const turn = 300_000;
export const isPoisoned = (due: number): boolean => Math.floor(due / turn) % 2 === 1;

export const nonsenseKinds = [
  'no frame',
  'an unknown schema id',
  "another topic's record",
  'a truncated record',
  'an empty record',
  'a megabyte',
] as const;

type Kind = (typeof nonsenseKinds)[number] | 'not a number' | 'a day ahead';
export type PoisonCounts = Record<Kind, number>;

export const undecodable = (counts: PoisonCounts): number =>
  nonsenseKinds.reduce((sum, kind) => sum + counts[kind], 0);

/** Counts the poison that the latest iteration has injected so far. */
export const poisonIn = (source: Replayable): PoisonCounts => ({ ...noPoison, ...source.counts() });

export function poisoned(source: Replayable, { seed, kafka }: SpoilOptions): Replayable {
  let counts: PoisonCounts = noPoison;
  const readings = kafka.serde.codec('sensorReadings');
  const events = kafka.serde.codec('mesEvents');

  async function* stream(): AsyncGenerator<readonly SourceRecord[]> {
    const random = new NamedRandom(`${seed}|poison`);
    const skewed = new Map<string, number>();
    const made = (counts = { ...noPoison });
    let event: Buffer = Buffer.alloc(0);
    for await (const batch of source) {
      const out: SourceRecord[] = [];
      for (const record of batch) {
        if (record.topic === 'mesEvents') event = events.encode(record.value);
        if (record.value === null || record.topic !== 'sensorReadings') {
          out.push(record);
          continue;
        }
        const { asset } = record.value;
        const draw = isPoisoned(record.due) ? random.uniform() : 1;
        const left = skewed.get(asset) ?? 0;
        if (left > 0) {
          skewed.set(asset, left - 1);
          out.push(aDayAhead(record));
          made['a day ahead'] += 1;
        } else if (draw < share) {
          const kind = nonsenseKinds[undecodable(made) % nonsenseKinds.length] ?? 'an empty record';
          const { timestamp, due } = record;
          const bytes = nonsense(kind, random, readings.encode(record.value), event);
          out.push({ topic: 'sensorReadings', value: null, key: asset, bytes, timestamp, due }, record);
          made[kind] += 1;
        } else if (draw < 2 * share) {
          out.push(notANumber(record, made['not a number']++, random));
        } else if (draw < 2.5 * share) {
          skewed.set(asset, skewedReadings - 1);
          out.push(aDayAhead(record));
          made['a day ahead'] += 1;
        } else out.push(record);
      }
      yield out;
    }
  }
  return {
    kind: 'replayable',
    name: source.name,
    [Symbol.asyncIterator]: stream,
    progress: () => source.progress(),
    counts: () => ({ ...counts }),
  };
}

const noPoison: PoisonCounts = {
  'no frame': 0,
  'an unknown schema id': 0,
  "another topic's record": 0,
  'a truncated record': 0,
  'an empty record': 0,
  'a megabyte': 0,
  'not a number': 0,
  'a day ahead': 0,
};

function nonsense(kind: Kind, random: NamedRandom, good: Buffer, event: Buffer): Buffer {
  switch (kind) {
    case 'no frame':
      return Buffer.from('{"temperature": 1534}');
    case 'an unknown schema id': {
      const bytes = Buffer.from(good);
      bytes.writeInt32BE(0x7fff_fff0 + random.below(10), 1);
      return bytes;
    }
    case "another topic's record":
      return event;
    case 'a truncated record':
      return good.subarray(0, 5 + random.below(good.length / 2));
    case 'a megabyte':
      // As much as the topic accepts, less key and headers.
      return Buffer.alloc(1024 ** 2 - 1_000, 0x55);
    default:
      return Buffer.alloc(0);
  }
}

function notANumber(record: ReadingRecord, count: number, random: NamedRandom): ReadingRecord {
  const wild = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  const value = wild[count % wild.length] ?? Number.NaN;
  const spoiled = random.below(record.value.measurements.length);
  const measurements = record.value.measurements.map((measurement, index) =>
    index === spoiled ? { ...measurement, value } : measurement,
  );
  return { ...record, value: { ...record.value, measurements } };
}

const aDayAhead = (record: ReadingRecord): ReadingRecord => ({
  ...record,
  value: { ...record.value, eventTime: record.value.eventTime + day },
});
