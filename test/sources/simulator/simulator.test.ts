import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { featuresOffline } from '../../../processors/offline.ts';
import { createSimulator } from '../../../sources/simulator/simulator.ts';
import { seed } from '../../support/seed.ts';
import { casting, collect, hours, isReading, minutes, readingsOf, smallPlant, start } from '../plants.ts';

const hash = (value: unknown): string => createHash('sha256').update(JSON.stringify(value)).digest('hex');

describe('sources/simulator', function () {
  this.timeout(90_000);

  it('gives the same records for the same seed each time, and other records for another seed', async () => {
    const make = (of: number) =>
      createSimulator({ definition: casting(), seed: of, start, duration: 20 * minutes });
    const simulator = make(seed);
    const first = hash(await collect(simulator));
    assert.equal(hash(await collect(simulator)), first);
    assert.equal(hash(await collect(make(seed))), first);
    const values = async (of: number) =>
      hash(readingsOf(await collect(make(of))).map((r) => r.value.measurements));
    assert.notEqual(await values(seed + 1), await values(seed));
  });

  it('changes nothing on a strand when another is added', async () => {
    const of = async (...cells: string[]) => {
      const all = await collect(
        createSimulator({ definition: casting(...cells), seed, start, duration: 2 * hours }),
      );
      const key = (value: object) => ('asset' in value ? String(value.asset) : '');
      return hash(all.filter((record) => record.value !== null && key(record.value).endsWith('/S1')));
    };
    assert.equal(await of('S1'), await of('S0', 'S1', 'S2', 'S3'));
  });

  it('scans each asset once per period, numbered, with all tags in their order', async () => {
    const definition = casting();
    const all = readingsOf(
      await collect(createSimulator({ definition, seed, start, duration: 5 * minutes })),
    );
    assert.equal(all.length, 600);
    const tags = definition.tags.map((tag) => tag.id);
    for (const cell of ['S1', 'S2']) {
      const own = all.filter((record) => record.value.asset.endsWith(`/${cell}`));
      own.forEach(({ value, timestamp, due }, place) => {
        assert.equal(value.eventTime, start + place * 1000);
        assert.equal(timestamp, value.eventTime);
        assert.equal(due, place * 1000);
        assert.equal(value.sequence, place + 1);
        assert.deepEqual(
          value.measurements.map((measurement) => measurement.tag),
          tags,
        );
      });
    }
  });

  it('reports pieces before the readings of the same time, in the order of their levels, without gaps', async () => {
    const all = await collect(
      createSimulator({ definition: casting('S1'), seed, start, duration: 6 * hours }),
    );
    const open = new Map<string, string>();
    let begun = 0;
    let told = 0;
    let lastReading = -1;
    for (const record of all) {
      if (isReading(record)) lastReading = record.value.eventTime;
      if (record.topic !== 'mesEvents') continue;
      const { type, level, id, eventTime, sequence, properties } = record.value;
      assert.ok(eventTime > lastReading, 'after the reading of its time');
      assert.equal(sequence, ++told);
      if (type === 'STARTED') {
        assert.equal(open.get(level), undefined, `${level} begins while another is there`);
        open.set(level, id);
        begun++;
        if (level === 'heat') assert.ok((properties['grade'] ?? '') !== '');
        if (level === 'slab') assert.ok(id.includes('-S1-'));
      } else {
        assert.equal(open.get(level), id, 'ends the current piece');
        open.delete(level);
      }
    }
    assert.equal(open.size, 2);
    assert.ok(begun > 15, `6 h of 41–69 min heats and about 27 min slabs: ${begun}`);
  });

  it('shares heats along the line and leaves slabs to each strand', async () => {
    const all = await collect(
      createSimulator({ definition: casting('S1', 'S2'), seed, start, duration: 4 * hours }),
    );
    const events = (cell: string, level: string) =>
      all.flatMap((record) =>
        record.topic === 'mesEvents' && record.value.asset.endsWith(cell) && record.value.level === level
          ? [`${record.value.type} ${record.value.id} ${record.value.eventTime}`]
          : [],
      );
    assert.deepEqual(events('S1', 'heat'), events('S2', 'heat'));
    assert.notDeepEqual(events('S1', 'slab'), events('S2', 'slab'));
  });

  it('labels every span once, after its slab has been inspected', async () => {
    const definition = casting('S1');
    const duration = 5 * hours;
    const all = await collect(createSimulator({ definition, seed, start, duration }));
    const ended = new Map<string, number>();
    const spans = new Set<number>();
    let live = 0;
    for (const record of all) {
      if (record.topic === 'mesEvents' && record.value.type === 'ENDED')
        ended.set(record.value.id, record.timestamp);
      if (record.topic !== 'qualityLabels') continue;
      const { eventTime, until, piece, foundAt, value, defect } = record.value;
      assert.equal(until - eventTime, definition.features.hop);
      assert.equal(eventTime % definition.features.hop, 0);
      assert.ok(!spans.has(eventTime), 'twice');
      spans.add(eventTime);
      assert.equal(defect !== null, value === 1);
      assert.ok(record.timestamp >= foundAt);
      const end = ended.get(piece['slab'] ?? '');
      if (end === undefined) continue; // cast to the end: told with the rest
      // The span in which the slab ends is judged when the span is complete.
      const whole = Math.max(end, until - 1000);
      const delay = foundAt - whole;
      assert.ok(delay >= 20 * minutes && delay <= 40 * minutes, `${delay} ms`);
      live++;
    }
    assert.equal(spans.size, duration / definition.features.hop);
    assert.ok(live > spans.size / 2);
  });

  it('gives no label to the first span when it starts inside it', async () => {
    const simulator = createSimulator({
      definition: casting('S1'),
      seed,
      start: start + 3200,
      duration: 13_000,
    });
    const all = await collect(simulator);
    assert.equal(all.find(isReading)?.timestamp, start + 3000);
    const judged = all.flatMap((record) =>
      record.topic === 'qualityLabels' ? [record.value.eventTime] : [],
    );
    assert.deepEqual(judged, [start + 5000, start + 10_000]);
  });

  it('passes its own validation: under 0.1 % of values rejected in normal operation', async () => {
    const simulator = createSimulator({ definition: casting(), seed, start, duration: 3 * hours });
    let values = 0;
    const rejected: string[] = [];
    await featuresOffline({
      definition: casting(),
      records: simulator,
      sinks: {
        validatedReadings: ({ measurements }) => (values += measurements.length),
        rejectedReadings: ({ rejections }) =>
          rejected.push(...rejections.map((r) => `${r.reason} ${r.tag ?? ''} ${r.detail}`)),
        deadLetter: (step, reason) => assert.fail(`${step}: ${reason}`),
      },
    });
    assert.ok(values > 500_000);
    assert.ok(
      rejected.length < values / 1000,
      `${rejected.length} of ${values}: ${rejected.slice(0, 5).join('; ')}`,
    );
  });

  it('reports all wrong references of a simulation at once', () => {
    const definition = smallPlant(`
  pieces: [{ level: lot, id: '{number}', lasts: { time: [1m, 2m] } }]
  signals:
    X: { is: sum, terms: [{ of: later, gain: 1 }] }
    later: { is: setpoint, at: 1 }
  disturbances:
    d: { is: pulse, perHour: 1, size: [1, 1], lasts: [1s, 2s], ramp: 0s, on: { nothing: 1 } }
  labels:
    delay: [1m, 1m]
    background: { perHour: 1, defect: none }
    mechanisms: {}`);
    assert.throws(
      () => createSimulator({ definition, seed, start }),
      (error: Error) =>
        ['"later" is not defined above', '"nothing"', 'no such level', 'required tag "Y"'].every((part) =>
          error.message.includes(part),
        ),
    );
  });

  it('reports what is missing for a simulation', () => {
    assert.throws(() => createSimulator({ definition: smallPlant(), seed, start }), { code: 'DEFINITION' });
    assert.throws(
      () => createSimulator({ definition: { ...casting(), cells: 'any' }, seed, start }),
      /Name the cells|which cells to simulate/,
    );
  });
});
