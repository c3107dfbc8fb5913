import assert from 'node:assert/strict';
import { rocAuc } from '../../../models/numbers/score-metrics.ts';
import type { ProcessDefinition } from '../../../processes/schema.ts';
import { createSimulator } from '../../../sources/simulator/simulator.ts';
import type { ProductionSpan } from '../../../sources/simulator/truth.ts';
import { casting, collect, hours, isReading, smallPlant, start } from '../plants.ts';

/** A tag's measured values, one per second, in the minute before a span's end. */
type Before = (tag: string) => Float64Array;

interface History {
  readonly spans: readonly ProductionSpan[];
  readonly before: (span: ProductionSpan) => Before;
  readonly mechanisms: readonly string[];
}

async function simulate(definition: ProcessDefinition, duration: number, seed: string): Promise<History> {
  const spans: ProductionSpan[] = [];
  const columns = new Map<string, Float64Array>();
  const simulator = createSimulator({
    definition,
    seed,
    start,
    duration,
    onSpan: (span) => spans.push(span),
  });
  for await (const batch of simulator)
    for (const record of batch) {
      if (!isReading(record)) continue;
      const { asset, eventTime, measurements } = record.value;
      for (const { tag, value } of measurements) {
        const key = `${asset} ${tag}`;
        let column = columns.get(key);
        if (column === undefined) columns.set(key, (column = new Float64Array(duration / 1000)));
        column[(eventTime - start) / 1000] = value ?? Number.NaN;
      }
    }
  return {
    spans,
    mechanisms: [...Object.keys(definition.simulation?.labels.mechanisms ?? {}), 'background'],
    before: (span) => (tag) => {
      const end = (span.until - start) / 1000;
      return columns.get(`${span.asset} ${tag}`)?.subarray(Math.max(0, end - 60), end) ?? new Float64Array();
    },
  };
}

const mean = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((sum, x) => sum + x, 0) / values.length;
const spread = (values: ArrayLike<number>): number => {
  const middle = mean(values);
  return Math.sqrt(mean(Array.from(values, (x) => (x - middle) ** 2)));
};

/** How well one number from the signals separates spans with a defect by the mechanism from good spans. */
function visibility(
  { spans, before, mechanisms }: History,
  mechanism: string,
  look: (before: Before) => number,
): number {
  const place = mechanisms.indexOf(mechanism);
  const judged = spans.filter((span) => span.until - start > 60_000);
  const spoiled = judged.filter((span) => (span.shares[place] ?? 0) > 0.3);
  const quiet = judged.filter((span) => span.probability < 0.01).filter((_, i) => i % 20 === 0);
  assert.ok(spoiled.length >= 30 && quiet.length >= 200, `${spoiled.length} spoiled, ${quiet.length} quiet`);
  return rocAuc(
    [...spoiled, ...quiet].map((span) => look(before(span))),
    [...spoiled.map(() => 1), ...quiet.map(() => 0)],
  );
}

const columns = [1, 2, 3, 4, 5];

describe('sources/simulator mechanisms', function () {
  this.timeout(90_000);

  let history: History;
  before(async () => {
    history = await simulate(casting('S1', 'S2', 'S3', 'S4'), 24 * hours, 'mechanisms');
  });

  it('a sticker shows in one column of thermocouples against its neighbours', () => {
    const seen = visibility(history, 'sticker', (before) =>
      Math.max(...[1, 2].flatMap((row) => columns.map((c) => spread(before(`Mould/TC/BF_R${row}_C${c}`))))),
    );
    assert.ok(seen > 0.95, `${seen}`);
  });

  it('an unsteady level shows in the spread of the level', () => {
    const seen = visibility(history, 'unsteadyLevel', (before) => spread(before('Mould/Level')));
    assert.ok(seen > 0.97, `${seen}`);
  });

  it('uneven cooling shows in the heat of the narrow faces, which is flow × ΔT', () => {
    const heat = (before: Before, side: string) =>
      mean(before(`Mould/Water/Flow_${side}`)) * mean(before(`Mould/Water/DeltaT_${side}`));
    const seen = visibility(history, 'unevenCooling', (before) => {
      const [left, right] = [heat(before, 'NarrowLeft'), heat(before, 'NarrowRight')];
      return Math.abs(left - right) / (left + right);
    });
    assert.ok(seen > 0.95, `${seen}`);
    // and less in ΔT alone, which moves with the flow as well
    const byTemperature = visibility(history, 'unevenCooling', (before) =>
      Math.abs(
        mean(before('Mould/Water/DeltaT_NarrowLeft')) - mean(before('Mould/Water/DeltaT_NarrowRight')),
      ),
    );
    assert.ok(byTemperature < seen, `${byTemperature}`);
  });

  it('a clogged nozzle shows in the stopper', async () => {
    const worn = casting('S1', 'S2');
    const wear = worn.simulation?.signals['clogging'];
    assert.ok(wear?.is === 'wear');
    wear.perHour = [9, 12];
    wear.replaced.after = [4, 5];
    const seen = visibility(await simulate(worn, 12 * hours, 'clogged'), 'cloggedNozzle', (before) =>
      mean(before('Mould/StopperPosition')),
    );
    assert.ok(seen > 0.97, `${seen}`);
  });

  it('hot and fast shows in the product of superheat and speed', async () => {
    const hot = casting('S1', 'S2');
    const tundish = hot.simulation?.signals['Tundish/Temperature'];
    assert.ok(tundish?.is === 'decay');
    tundish.start = [1548, 1572];
    const seen = visibility(
      await simulate(hot, 12 * hours, 'hot'),
      'hotAndFast',
      (before) => mean(before('Tundish/Superheat')) * mean(before('CastSpeed_PV')),
    );
    assert.ok(seen > 0.97, `${seen}`);
  });

  it('is not affected by harmless changes: width, powder and speed', async () => {
    const harmless = casting('S1', 'S2');
    const { simulation } = harmless;
    assert.ok(simulation !== undefined);
    for (const id of ['sticker', 'levelHunting', 'gapLeft', 'gapRight']) {
      const disturbance = simulation.disturbances[id];
      assert.ok(disturbance !== undefined);
      disturbance.perHour = 1e-9;
    }
    for (const id of ['widthChange', 'powderFeeding', 'slowDown']) {
      const disturbance = simulation.disturbances[id];
      assert.ok(disturbance !== undefined);
      disturbance.perHour *= 3;
    }
    const wear = simulation.signals['clogging'];
    const tundish = simulation.signals['Tundish/Temperature'];
    assert.ok(wear?.is === 'wear' && tundish?.is === 'decay');
    wear.perHour = [0, 1];
    tundish.start = [1541, 1550];
    const { spans, mechanisms } = await simulate(harmless, 12 * hours, 'harmless');
    const background = spans[0]?.shares[mechanisms.indexOf('background')] ?? Number.NaN;
    const others = spans.map((span) => span.shares.reduce((sum, share) => sum + share, 0) - background);
    assert.ok(mean(others) < background, `${mean(others)} against ${background}`);
  });
});

describe('sources/simulator a mechanism by itself', () => {
  const plant = (lag: string, measure: string) =>
    smallPlant(`
  pieces: [{ level: batch, id: 'B{number}', lasts: { time: [10m, 10m] } }]
  signals:
    X: { is: setpoint, at: 0 }
    Y: { is: setpoint, at: 2 }
  disturbances:
    step: { is: pulse, perHour: 60, size: [10, 10], lasts: [20s, 20s], ramp: 0s, on: { X: 1 } }
  labels:
    delay: [1m, 1m]
    background: { perHour: 0, defect: none }
    mechanisms:
      only: { title: t, defect: d, measure: ${measure}, above: 4, scale: 2, most: 2.5, rate: 0.1, lag: ${lag} }`);

  const intensities = async (lag: string, measure: string) => {
    const definition = plant(lag, measure);
    const spans: ProductionSpan[] = [];
    const options = {
      definition,
      seed: 'alone',
      start,
      duration: hours,
      onSpan: (span: ProductionSpan) => spans.push(span),
    };
    const records = await collect(createSimulator(options));
    const x = records
      .filter(isReading)
      .map((r) => ({ asset: r.value.asset, x: r.value.measurements[0]?.value ?? 0 }));
    const of = <T extends { asset: string }>(list: readonly T[]) =>
      list.filter(({ asset }) => asset.endsWith('C1'));
    return { x: of(x).map((one) => one.x), shares: of(spans).map((span) => span.shares[0] ?? 0) };
  };

  it('has the stated intensity, capped, summed over the span, after its lag', async () => {
    for (const lag of [0, 3, 12]) {
      const { x, shares } = await intensities(`${lag}s`, '{ value: X }');
      // by hand: rate × min(most, (x − above) / scale) per second
      const perSecond = x.map((value) => 0.1 * Math.min(2.5, Math.max(0, (value - 4) / 2)));
      const expected = shares.map((_, span) =>
        [0, 1, 2, 3, 4].reduce((sum, second) => sum + (perSecond[span * 5 + second - lag] ?? 0), 0),
      );
      assert.ok(Math.max(...expected) > 1.2, 'a step fills a span');
      shares.forEach((share, span) => {
        assert.ok(Math.abs(share - (expected[span] ?? 0)) < 1e-9, `lag ${lag}, span ${span}: ${share}`);
      });
    }
  });

  it('measures products, imbalances and roughness, too', async () => {
    const product = await intensities('0s', '{ product: [X, Y] }');
    assert.ok(Math.abs(Math.max(...product.shares) - 5 * 0.1 * 2.5) < 1e-9); // 10 × 2, capped
    const imbalance = await intensities('0s', '{ imbalance: [X, Y] }');
    assert.equal(Math.max(...imbalance.shares), 0); // |10 − 2| ÷ 6 is below 4, and |0 − 2| ÷ 1 as well
    const rough = await intensities('0s', '{ roughness: X, over: 4s }');
    const calm = rough.x.findIndex(
      (_, i) => i > 60 && rough.x.slice(i - 60, i + 5).every((x) => x === rough.x[i]),
    );
    assert.ok(Math.max(...rough.shares) > 0);
    assert.notEqual(calm, -1);
    assert.equal(rough.shares[Math.floor(calm / 5)], 0);
  });
});
