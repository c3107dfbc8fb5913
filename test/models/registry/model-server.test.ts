import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, constants, cpSync, mkdirSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bundle } from '../../../models/bundle/bundle.ts';
import { describeBundle } from '../../../models/bundle/places.ts';
import { ModelServer, type ServerEvent } from '../../../models/registry/model-server.ts';
import type { Models } from '../../../processors/predict/predictor.ts';
import type { FeatureRow, ModelEntry } from '../../../schemas/generated/types.ts';
import { makeVariant } from '../../support/variants.ts';

describe('models/registry/server', function () {
  this.timeout(60_000);
  const root = mkdtempSync(join(tmpdir(), 'castwatch-server-'));
  let [a, b]: [Bundle, Bundle] = [] as unknown as [Bundle, Bundle];
  let events: ServerEvent[];
  let server: ModelServer;
  let now: number;

  before(() => {
    a = makeVariant('pump-rig', root, 0.11);
    b = makeVariant('pump-rig', root, 0.12);
  });
  after(() => {
    rmSync(root, { recursive: true });
  });
  beforeEach(() => {
    events = [];
    now = 0;
    server = new ModelServer({
      rows: { process: 'pump-rig', featureSet: a.manifest.featureSet },
      root,
      now: () => now,
      onEvent: (event) => events.push(event),
    });
  });
  afterEach(() => server.close());

  const entry = (sequence: number, bundle: Bundle, change: Partial<ModelEntry> = {}): ModelEntry => ({
    ...describeBundle(bundle, root),
    process: 'pump-rig',
    role: 'CHAMPION',
    sequence,
    eventTime: sequence,
    action: 'PROMOTED',
    by: 'Ada',
    why: 'because',
    replaces: '',
    restores: null,
    ...change,
  });

  const row = (): FeatureRow => ({
    asset: 'a',
    eventTime: 1,
    featureSet: a.manifest.featureSet,
    values: a.manifest.features.map(({ usual }) => usual?.[0] ?? NaN),
    sequence: Buffer.alloc(0),
    completeness: 1,
    repaired: 0,
    piece: {},
  });

  const answering = (): readonly [string | undefined, number | undefined] => {
    const { champion } = server.current();
    return [champion?.predictor.bundle, champion?.entry];
  };
  const told = (): readonly string[] => events.map(({ kind, entry: { sequence } }) => `${kind} ${sequence}`);

  it('serves the champion, and a new champion as soon as it is loaded', async () => {
    assert.equal(server.ready, true);
    await server.follow([entry(1, a)]);
    assert.deepEqual(answering(), [a.manifest.bundle, 1]);
    const following = server.follow([entry(1, a), entry(2, b)]);
    assert.deepEqual(answering(), [a.manifest.bundle, 1]);
    await following;
    assert.deepEqual(answering(), [b.manifest.bundle, 2]);
    assert.deepEqual(told(), ['SERVING 1', 'SERVING 2']);
  });

  it('answers every row once while it swaps again and again, each batch by one bundle', async () => {
    await server.follow([entry(1, a)]);
    let isOver = false;
    const seen = new Set<string>();
    const asking = [1, 2].map(async () => {
      for (let size = 1; !isOver; size = (size % 7) + 1) {
        const { champion }: Models = server.current();
        assert.ok(champion);
        const answers = await champion.predictor.predict(Array.from({ length: size }, row));
        assert.equal(answers.length, size);
        for (const { probability } of answers) assert.notEqual(probability, null);
        seen.add(champion.predictor.bundle);
      }
    });
    const entries = [entry(1, a)];
    for (let swap = 0; swap < 6; swap++) {
      entries.push(entry(entries.length + 1, swap % 2 === 0 ? b : a));
      await server.follow(entries);
    }
    isOver = true;
    await Promise.all(asking);
    assert.equal(seen.size, 2);
    assert.equal(told().length, 7);
  });

  it('takes a new entry for the bundle that answers already without loading it again', async () => {
    await server.follow([entry(1, a)]);
    const before = server.current().champion?.predictor;
    await server.follow([entry(1, a), entry(2, a)]);
    assert.equal(server.current().champion?.predictor, before);
    assert.deepEqual(answering(), [a.manifest.bundle, 2]);
  });

  describe('a bundle that cannot be served', () => {
    const refusedFor: [string, () => ModelEntry, RegExp][] = [
      ['is not there', () => entry(2, b, { location: 'pump-rig/gone' }), /manifest\.json cannot be read/],
      [
        'is another',
        () => entry(2, b, { location: `pump-rig/${a.manifest.bundle}` }),
        /contains .*; the registered .* has another checksum/,
      ],
      ['was altered', () => entry(2, b, { checksum: '0'.repeat(64) }), /checksum/],
      [
        'is of another process',
        () => entry(2, makeVariant('casting', root, 0.13)),
        /was trained for casting/,
      ],
    ];
    for (const [what, bad, says] of refusedFor)
      it(`is refused with an event when it ${what}, and the old one continues`, async () => {
        await server.follow([entry(1, a)]);
        await server.follow([entry(1, a), bad()]);
        assert.deepEqual(answering(), [a.manifest.bundle, 1]);
        assert.deepEqual(told(), ['SERVING 1', 'REFUSED 2']);
        assert.match(events[1]?.reason ?? '', says);
        assert.match(server.problems()[0] ?? '', /champion is refused.*answers instead/);
      });

    it('is tried again after a while, reported once, and served when it is fixed', async () => {
      const late = join(root, 'pump-rig', 'late');
      const entries = [entry(1, a), entry(2, b, { location: 'pump-rig/late' })];
      for (const time of [0, 500, 5_000]) {
        now = time;
        await server.follow(entries);
      }
      mkdirSync(late);
      cpSync(b.folder, late, { recursive: true });
      now = 5_500;
      await server.follow(entries);
      assert.deepEqual(answering(), [a.manifest.bundle, 1]);
      now = 60_000;
      await server.follow(entries);
      assert.deepEqual(answering(), [b.manifest.bundle, 2]);
      assert.deepEqual(told(), ['REFUSED 2', 'SERVING 1', 'SERVING 2']);
      assert.deepEqual(server.problems(), []);
    });

    it('uses the newest earlier champion after a start; without one, rows wait', async () => {
      await server.follow([
        entry(1, a),
        entry(2, b),
        entry(3, a, { location: 'pump-rig/gone', bundle: 'x' }),
      ]);
      assert.deepEqual(answering(), [b.manifest.bundle, 2]);
      const alone = new ModelServer({
        rows: { process: 'pump-rig', featureSet: a.manifest.featureSet },
        root,
      });
      await alone.follow([entry(1, a, { location: 'pump-rig/gone' })]);
      assert.equal(alone.ready, false);
      assert.equal(alone.current().champion, undefined);
      await alone.close();
    });
  });

  it('serves challenger and shadow alongside, and releases them', async () => {
    const beside = () => server.current().beside.map(({ role, entry: sequence }) => [role, sequence]);
    const entries = [entry(1, a), entry(2, b, { role: 'CHALLENGER' }), entry(3, b, { role: 'SHADOW' })];
    await server.follow(entries);
    assert.deepEqual(beside(), [
      ['CHALLENGER', 2],
      ['SHADOW', 3],
    ]);
    await server.follow([...entries, entry(4, b, { role: 'CHALLENGER', bundle: '' })]);
    assert.deepEqual(beside(), [['SHADOW', 3]]);
  });

  it('opens a bundle again when its worker was lost', async () => {
    const hasty = new ModelServer({
      rows: { process: 'pump-rig', featureSet: a.manifest.featureSet },
      root,
      predictor: { patienceMs: 1 },
    });
    await hasty.follow([entry(1, a)]);
    const before = hasty.current().champion?.predictor;
    const rows = Array.from({ length: 2_000 }, row);
    await assert.rejects(before?.predict(rows) ?? Promise.resolve(), /no answer within 1 ms|is lost/);
    await hasty.follow([entry(1, a)]);
    assert.notEqual(hasty.current().champion?.predictor, before);
    assert.equal(hasty.current().champion?.entry, 1);
    await hasty.close();
  });

  it('continues with its champion when reading the next one never ends', async function () {
    if (process.platform === 'win32') this.skip(); // has no such files
    const folder = join(root, 'hangs');
    mkdirSync(folder);
    const hangs = join(folder, 'manifest.json');
    execFileSync('mkfifo', [hangs]);
    const hasty = new ModelServer({
      rows: { process: 'pump-rig', featureSet: a.manifest.featureSet },
      root,
      predictor: { openingPatienceMs: 2_000 },
      onEvent: (event) => events.push(event),
    });
    await hasty.follow([entry(1, a)]);
    await hasty.follow([entry(1, a), entry(2, b, { location: folder })]);
    assert.equal(hasty.current().champion?.entry, 1);
    assert.deepEqual(told(), ['SERVING 1', 'REFUSED 2']);
    assert.match(JSON.stringify(events[1]), /has not opened the bundle within 2000 ms/);
    // The reader gets the end of the file now.
    closeSync(openSync(hangs, constants.O_WRONLY | constants.O_NONBLOCK));
    await hasty.close();
  });

  it('finishes batches in progress when it closes', async () => {
    await server.follow([entry(1, a)]);
    const answers = server.current().champion?.predictor.predict([row(), row()]);
    await server.close();
    assert.equal((await answers)?.length, 2);
  });
});
