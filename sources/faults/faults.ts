/**
 * Adds to a source the faults that real plants have. The same seed gives the same faults in the same places. Only readings
 * are changed. The order of publication is part of the result: late records are given late.
 */
import type { ProcessDefinition } from '../../processes/schema.ts';
import type { SensorReading } from '../../schemas/generated/types.ts';
import { NamedRandom } from '../../base/random.ts';
import type { ReadingRecord, Replayable, SourceRecord } from '../source.ts';
import { DelayLine } from './delay-line.ts';
import { faultRates, type FaultKind } from './fault-kinds.ts';
import { measurementFaults, type MeasurementFault } from './measurements.ts';

export { faultKinds, parseFaults, type FaultKind } from './fault-kinds.ts';

export interface FaultOptions {
  readonly source: Replayable;
  readonly definition: ProcessDefinition;
  readonly seed: string | number;
  readonly kinds: readonly FaultKind[];
  /** Chance per reading, by kind; overrides the usual rates. */
  readonly rates?: Partial<Readonly<Record<FaultKind, number>>>;
}

/** Adds faults to a source. `counts()` reports them: measurements changed, readings left out, records moved or added. */
export function withFaults(options: FaultOptions): Replayable {
  const { source, definition } = options;
  let counts: Record<string, number> = {};
  let handedOut = 0;

  async function* run(): AsyncGenerator<readonly SourceRecord[]> {
    const made = (counts = Object.fromEntries(options.kinds.map((kind) => [kind, 0])));
    handedOut = 0;
    const assets = new Map<string, AssetFaults>();
    const delayed = new DelayLine<SourceRecord>();
    for await (const batch of source) {
      const out: SourceRecord[] = [];
      for (const record of batch) {
        delayed.release(record.due, out);
        if (record.value === null || record.topic !== 'sensorReadings') {
          out.push(record);
          continue;
        }
        const { asset } = record.value;
        let faults = assets.get(asset);
        if (faults === undefined)
          assets.set(asset, (faults = new AssetFaults(options, definition, asset, made)));
        faults.apply(record, out, delayed);
      }
      handedOut += out.length;
      if (out.length > 0) yield out;
    }
    const rest: SourceRecord[] = [];
    delayed.release(Number.POSITIVE_INFINITY, rest);
    handedOut += rest.length;
    if (rest.length > 0) yield rest;
  }

  return {
    kind: 'replayable',
    name: source.name,
    [Symbol.asyncIterator]: run,
    progress: () => ({ ...source.progress(), records: handedOut }),
    counts: () => ({ ...source.counts(), ...counts }),
    malformed: () => source.malformed?.() ?? {},
  };
}

/** Makes the faults of one asset. Each kind draws from its own stream of random numbers. */
class AssetFaults {
  readonly #definition: ProcessDefinition;
  readonly #counts: Record<string, number>;
  readonly #streams = new Map<FaultKind, { random: NamedRandom; rate: number }>();
  readonly #measurements: readonly MeasurementFault[];
  #missing = 0;
  #skewed = 0;
  #skew = 0;

  constructor(
    options: FaultOptions,
    definition: ProcessDefinition,
    asset: string,
    counts: Record<string, number>,
  ) {
    this.#definition = definition;
    this.#counts = counts;
    const measurements: MeasurementFault[] = [];
    for (const kind of options.kinds) {
      const random = new NamedRandom(`${options.seed}|${asset}|fault ${kind}`);
      const rate = options.rates?.[kind] ?? faultRates[kind];
      this.#streams.set(kind, { random, rate });
      if (!(kind in measurementFaults)) continue;
      const make = measurementFaults[kind as keyof typeof measurementFaults];
      const count = () => {
        this.#count(kind);
      };
      measurements.push(make({ definition, random, rate, count }));
    }
    this.#measurements = measurements;
  }

  apply(record: ReadingRecord, out: SourceRecord[], delayed: DelayLine<SourceRecord>): void {
    if (this.#isMissing()) return;
    const spoiled: ReadingRecord = { ...record, value: this.#spoil(record.value) };
    const { period, grace } = this.#definition.time;
    const graceScans = Math.floor(grace / period);

    const late = this.#begins('late');
    // Later than the grace period allows, even when the next reading is missing.
    if (late !== undefined) this.#delay(spoiled, graceScans + 2 + late.below(10), delayed);
    else {
      const disorder = graceScans < 2 ? undefined : this.#begins('out-of-order');
      if (disorder !== undefined) this.#delay(spoiled, 1 + disorder.below(graceScans - 1), delayed);
      else out.push(spoiled);
    }
    const again = this.#begins('duplicate');
    if (again !== undefined) this.#delay(spoiled, again.below(20), delayed);
    this.#addStrangers(spoiled, out);
  }

  #isMissing(): boolean {
    if (this.#missing === 0) {
      const random = this.#draws('reading-dropout');
      if (random === undefined) return false;
      this.#missing = 1 + random.below(20);
    }
    this.#missing--;
    this.#count('reading-dropout');
    return true;
  }

  #spoil(reading: SensorReading): SensorReading {
    const measurements = [...reading.measurements];
    const touched = new Set<string>();
    for (const fault of this.#measurements) fault(measurements, touched);
    return { ...reading, eventTime: reading.eventTime + this.#clock(), measurements };
  }

  /** The error of the asset's clock, ms. */
  #clock(): number {
    if (this.#skewed === 0) {
      const random = this.#draws('clock-skew');
      if (random === undefined) return 0;
      const { grace, ahead, period } = this.#definition.time;
      this.#skewed = 5 + random.below(26);
      const most = 3 * Math.max(grace, ahead, period);
      this.#skew = Math.round(random.between([period, most])) * (random.chance(0.5) ? 1 : -1);
    }
    this.#skewed--;
    this.#count('clock-skew');
    return this.#skew;
  }

  #delay(record: ReadingRecord, scans: number, delayed: DelayLine<SourceRecord>): void {
    const delay = scans * this.#definition.time.period;
    delayed.add({ ...record, timestamp: record.timestamp + delay, due: record.due + delay });
  }

  #addStrangers({ value, timestamp, due }: ReadingRecord, out: SourceRecord[]): void {
    const bytes = this.#begins('undecodable');
    if (bytes !== undefined)
      out.push({
        topic: 'sensorReadings',
        value: null,
        key: value.asset,
        bytes: nonsense(bytes),
        timestamp,
        due,
      });
    const stranger = this.#begins('unknown-asset');
    if (stranger !== undefined) {
      const asset = `${value.asset}-unknown${stranger.below(3)}`;
      out.push({ topic: 'sensorReadings', value: { ...value, asset }, timestamp, due });
    }
  }

  /** Draws whether the fault begins here. @returns the fault's random numbers if it does */
  #draws(kind: FaultKind): NamedRandom | undefined {
    const stream = this.#streams.get(kind);
    return stream?.random.chance(stream.rate) === true ? stream.random : undefined;
  }

  /** As `#draws`, for faults of a single record; counts the fault. */
  #begins(kind: FaultKind): NamedRandom | undefined {
    const random = this.#draws(kind);
    if (random !== undefined) this.#count(kind);
    return random;
  }

  #count(kind: FaultKind): void {
    this.#counts[kind] = (this.#counts[kind] ?? 0) + 1;
  }
}

/** A schema id that no schema registry will assign soon. */
const unknownSchemaId = 0x7fff_fff0;

/** Bytes that cannot be decoded: without a frame, with a truncated frame, or with an unknown schema id. */
function nonsense(random: NamedRandom): Buffer {
  const bytes = Buffer.from(Array.from({ length: 6 + random.below(60) }, () => random.below(256)));
  switch (random.below(3)) {
    case 0:
      bytes[0] = 1 + random.below(255); // the magic byte is 0
      return bytes;
    case 1:
      return bytes.subarray(0, random.below(5));
    default:
      bytes[0] = 0;
      bytes.writeInt32BE(unknownSchemaId, 1);
      return bytes;
  }
}
