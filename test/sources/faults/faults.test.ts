import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { featuresOffline } from '../../../processors/offline.ts';
import { faultKinds, parseFaults, withFaults, type FaultKind } from '../../../sources/faults/faults.ts';
import { faultRates } from '../../../sources/faults/fault-kinds.ts';
import { createSimulator } from '../../../sources/simulator/simulator.ts';
import { keyOf, type ReadingRecord, type Replayable, type SourceRecord } from '../../../sources/source.ts';
import { seed } from '../../support/seed.ts';
import { casting, collect, minutes, readingsOf, start } from '../plants.ts';

const definition = casting('S1', 'S2');
const { grace, period } = definition.time;
const clean = (): Replayable => createSimulator({ definition, seed: 'clean', start, duration: 40 * minutes });
/** Ten times the usual rates, so that every kind of fault happens in a short time. */
const rates = Object.fromEntries(faultKinds.map((kind) => [kind, Math.min(0.05, 10 * faultRates[kind])]));
const spoil = (...kinds: FaultKind[]): Replayable =>
  withFaults({ source: clean(), definition, seed, kinds, rates });

const identity = ({ value }: ReadingRecord): string => `${value.asset} ${value.sequence}`;
const byIdentity = (records: readonly SourceRecord[]) =>
  new Map(readingsOf(records).map((record) => [identity(record), record.value]));

describe('sources/faults', () => {
  let original: SourceRecord[];
  let readings: Map<string, ReadingRecord['value']>;
  before(async () => {
    original = await collect(clean());
    readings = byIdentity(original);
  });

  /** The readings that differ from what was measured, with the number of measurements that do. */
  const changed = (records: readonly SourceRecord[]): number =>
    readingsOf(records).reduce((sum, record) => {
      const before = readings.get(identity(record))?.measurements ?? [];
      const now = new Map(record.value.measurements.map((m) => [m.tag, m]));
      return sum + before.filter((m) => JSON.stringify(m) !== JSON.stringify(now.get(m.tag))).length;
    }, 0);

  it('changes nothing without faults', async () => {
    assert.deepEqual(await collect(spoil()), original);
  });

  it('is the same for the same seed, and keeps the order of publication', async () => {
    const source = spoil(...faultKinds);
    const hash = async () =>
      createHash('sha256')
        .update(JSON.stringify(await collect(source)))
        .digest('hex');
    assert.equal(await hash(), await hash());
    const all = await collect(source);
    all.forEach((record, place) => {
      assert.ok(record.due >= (all[place - 1]?.due ?? 0), 'due never falls');
    });
    for (const kind of faultKinds) assert.ok((source.counts()[kind] ?? 0) > 0, `${kind} never happened`);
    assert.equal(source.progress().records, all.length);
  });

  it('changes readings only', async () => {
    const others = (records: readonly SourceRecord[]) =>
      records.filter((record) => record.topic !== 'sensorReadings');
    assert.deepEqual(others(await collect(spoil(...faultKinds))), others(original));
  });

  it('leaves out the number of readings that it reports', async () => {
    const source = spoil('reading-dropout');
    const left = readingsOf(await collect(source));
    assert.equal(left.length, readings.size - (source.counts()['reading-dropout'] ?? 0));
  });

  for (const kind of ['tag-dropout', 'sentinel', 'bad-quality', 'spike', 'not-a-number'] as const)
    it(`changes the number of measurements that it reports: ${kind}`, async () => {
      const source = spoil(kind);
      const all = await collect(source);
      // a sentinel or a level may happen to be what was measured; NaN and dropped tags differ for certain
      assert.equal(changed(all), source.counts()[kind]);
      assert.equal(readingsOf(all).length, readings.size);
    });

  it('repeats a stuck value until validation must find it', async () => {
    const source = spoil('stuck');
    let found = 0;
    await featuresOffline({
      definition,
      records: source,
      sinks: {
        rejectedReadings: ({ rejections }) =>
          (found += rejections.filter((r) => r.reason === 'STUCK').length),
      },
    });
    assert.ok(found > 0);
    assert.ok(changed(await collect(source)) <= (source.counts()['stuck'] ?? 0));
  });

  it('adds unknown tags and assets, and bytes that cannot be decoded', async () => {
    const source = spoil('unknown-tag', 'unknown-asset', 'undecodable');
    const all = await collect(source);
    const counts = source.counts();
    const known = new Set(definition.tags.map((tag) => tag.id));
    const strange = readingsOf(all).filter((r) => r.value.measurements.some((m) => !known.has(m.tag)));
    const assets = new Set([...readings.values()].map((reading) => reading.asset));
    const foreign = readingsOf(all).filter((r) => !assets.has(r.value.asset));
    const bytes = all.filter((record) => record.value === null);
    assert.ok(
      strange.length >= (counts['unknown-tag'] ?? 0),
      'a reading of an unknown asset may copy the unknown tag',
    );
    assert.equal(foreign.length, counts['unknown-asset']);
    assert.equal(bytes.length, counts['undecodable']);
    assert.ok(bytes.every((record) => assets.has(keyOf(record))));
    assert.equal(readingsOf(all).length - foreign.length, readings.size);
  });

  it('makes duplicates that validation recognizes, each one', async () => {
    const source = spoil('duplicate');
    let duplicates = 0;
    await featuresOffline({
      definition,
      records: source,
      sinks: {
        rejectedReadings: ({ rejections }) =>
          (duplicates += rejections.filter((r) => r.reason === 'DUPLICATE').length),
      },
    });
    assert.equal(duplicates, source.counts()['duplicate']);
  });

  /** By how much each reading comes after the newest of its asset, ms; below 0: in order. */
  const lateness = (records: readonly SourceRecord[]): number[] => {
    const newest = new Map<string, number>();
    return readingsOf(records).map(({ value: { asset, eventTime } }) => {
      const latest = newest.get(asset) ?? eventTime - 1;
      newest.set(asset, Math.max(latest, eventTime));
      return latest - eventTime;
    });
  };

  it('delays late readings beyond the grace period, and disordered readings within it', async () => {
    const late = spoil('late');
    const beyond = lateness(await collect(late)).filter((ms) => ms > 0);
    // those of the last seconds have no later reading to come after
    assert.ok(beyond.length > (late.counts()['late'] ?? 0) * 0.9);
    assert.ok(beyond.filter((ms) => ms > grace).length > beyond.length * 0.9);

    const disorder = spoil('out-of-order');
    const within = lateness(await collect(disorder)).filter((ms) => ms > 0);
    assert.ok(within.length > 0 && within.every((ms) => ms <= grace - period), `${Math.max(...within)}`);
    assert.ok(within.length <= (disorder.counts()['out-of-order'] ?? 0));
  });

  it('skews a clock for a while, then corrects it', async () => {
    const source = spoil('clock-skew');
    const all = readingsOf(await collect(source));
    const off = all.filter((record) => record.value.eventTime !== readings.get(identity(record))?.eventTime);
    assert.equal(off.length, source.counts()['clock-skew']);
    assert.ok(off.some((r) => r.value.eventTime > r.timestamp));
    assert.ok(off.some((r) => r.value.eventTime < r.timestamp));
  });

  it('adds the same faults to an asset, independent of other assets', async () => {
    const alone = withFaults({
      source: createSimulator({ definition: casting('S2'), seed: 'clean', start, duration: 10 * minutes }),
      definition,
      seed,
      kinds: faultKinds,
    });
    const both = withFaults({
      source: createSimulator({ definition, seed: 'clean', start, duration: 10 * minutes }),
      definition,
      seed,
      kinds: faultKinds,
    });
    const own = (records: readonly SourceRecord[]) =>
      records.filter((record) => keyOf(record).includes('/S2'));
    assert.deepEqual(own(await collect(both)), own(await collect(alone)));
  });

  it('reads kinds from a flag, and lists the known kinds', () => {
    assert.deepEqual(parseFaults('all'), faultKinds);
    assert.deepEqual(parseFaults('none'), []);
    assert.deepEqual(parseFaults('late, stuck'), ['late', 'stuck']);
    assert.throws(() => parseFaults('late,gremlins'), { code: 'CONFIGURATION', message: /gremlins/ });
  });
});
