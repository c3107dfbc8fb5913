import assert from 'node:assert/strict';
import { assign, clear, promote, rollBack } from '../../../models/registry/decisions.ts';
import { isDue } from '../../../models/registry/default-champion.ts';
import { earlierChampions, holder, rolesOf } from '../../../models/registry/entries.ts';
import { removable } from '../../../models/registry/gc.ts';
import { ModelRegistry } from '../../../models/registry/model-registry.ts';
import { topicNames } from '../../../schemas/catalogue.ts';
import { serdeWithoutRegistry } from '../../../schemas/registry/serde.ts';
import {
  MemoryBroker,
  MemoryTransport,
  StreamError,
  type TransactionalProducer,
} from '../../../stream/index.ts';
import { CastwatchError } from '../../../base/errors.ts';

const topic = topicNames().models;
const codec = serdeWithoutRegistry().codec('models');
const decision = { by: 'Ada', why: 'because' };
/** These bundles have no files; promotion-gate.test.ts is about the gate. */
const openGate = () => [];
const bundle = (name: string) => ({
  bundle: name,
  checksum: 'c',
  featureSet: 'f',
  location: `works/${name}`,
});
const refused = (says: RegExp) => (error: unknown) =>
  error instanceof CastwatchError && error.code === 'MODEL' && says.test(error.message);

/** The connection breaks during the first commit: before or after the broker has committed. */
class FlakyTransport extends MemoryTransport {
  readonly #wentIn: boolean;
  #broken = false;

  constructor(broker: MemoryBroker, wentIn: boolean) {
    super(broker);
    this.#wentIn = wentIn;
  }

  override async transactionalProducer(id: string): Promise<TransactionalProducer> {
    const producer = await super.transactionalProducer(id);
    return {
      close: () => producer.close(),
      transact: async (...args) => {
        if (this.#broken) return producer.transact(...args);
        this.#broken = true;
        if (this.#wentIn) await producer.transact(...args);
        throw new StreamError('TRANSACTION_ABORTED', 'the connection broke on the commit');
      },
    };
  }
}

describe('models/registry', () => {
  let broker: MemoryBroker;
  let transport: MemoryTransport;
  let registry: ModelRegistry;
  const champion = async () => holder(await registry.entries('works'), 'CHAMPION')?.bundle;

  beforeEach(() => {
    broker = new MemoryBroker();
    broker.createTopic(topic, 4);
    transport = new MemoryTransport(broker);
    registry = new ModelRegistry({ transport, codec, topic });
  });

  it('keeps every decision, in order, with who and why', async () => {
    await promote(registry, 'works', bundle('a'), { by: 'castwatch', why: 'shipped default' }, openGate);
    await promote(registry, 'works', bundle('b'), decision, openGate);
    const entries = await registry.entries('works');
    assert.deepEqual(
      entries.map(({ sequence, bundle: name, by, why, replaces }) => [sequence, name, by, why, replaces]),
      [
        [1, 'a', 'castwatch', 'shipped default', ''],
        [2, 'b', 'Ada', 'because', 'a'],
      ],
    );
    assert.ok((entries[1]?.eventTime ?? 0) >= (entries[0]?.eventTime ?? Infinity));
    assert.deepEqual(await registry.entries('elsewhere'), []);
  });

  it('rolls back to the champion before, and from there to the one before that', async () => {
    for (const name of ['a', 'b', 'c']) await promote(registry, 'works', bundle(name), decision, openGate);
    assert.equal((await rollBack(registry, 'works', decision)).restores, 2);
    assert.equal(await champion(), 'b');
    await rollBack(registry, 'works', decision);
    assert.equal(await champion(), 'a');
    await assert.rejects(rollBack(registry, 'works', decision), refused(/no other champion before a/));
    await promote(registry, 'works', bundle('c'), decision, openGate);
    await rollBack(registry, 'works', decision);
    assert.equal(await champion(), 'a');
  });

  it('refuses a decision that changes nothing, and a rollback without an earlier champion', async () => {
    await assert.rejects(rollBack(registry, 'works', decision), refused(/no champion/));
    await promote(registry, 'works', bundle('a'), decision, openGate);
    await assert.rejects(
      promote(registry, 'works', bundle('a'), decision, openGate),
      refused(/champion already/),
    );
    await assert.rejects(
      assign(registry, 'works', 'SHADOW', bundle('a'), decision),
      refused(/champion already/),
    );
    await assert.rejects(clear(registry, 'works', 'SHADOW', decision), refused(/no shadow/));
    assert.equal((await registry.entries('works')).length, 1);
  });

  it('clears the role of a challenger that becomes champion', async () => {
    await promote(registry, 'works', bundle('a'), decision, openGate);
    await assign(registry, 'works', 'CHALLENGER', bundle('b'), decision);
    await assign(registry, 'works', 'SHADOW', bundle('c'), decision);
    await promote(registry, 'works', bundle('b'), decision, openGate);
    const entries = await registry.entries('works');
    assert.deepEqual(rolesOf(entries, 'b'), ['CHAMPION']);
    assert.deepEqual(rolesOf(entries, 'c'), ['SHADOW']);
    assert.equal(holder(entries, 'CHALLENGER'), undefined);
    await clear(registry, 'works', 'SHADOW', decision);
    assert.equal(holder(await registry.entries('works'), 'SHADOW'), undefined);
    await assign(registry, 'works', 'CHALLENGER', bundle('a'), decision);
    await rollBack(registry, 'works', decision);
    assert.deepEqual(rolesOf(await registry.entries('works'), 'a'), ['CHAMPION']);
  });

  it('numbers entries without a gap when many decide at once', async () => {
    const names = Array.from({ length: 6 }, (_, index) => `b${index}`);
    await Promise.all(names.map((name) => promote(registry, 'works', bundle(name), decision, openGate)));
    const entries = await registry.entries('works');
    assert.deepEqual(
      entries.map(({ sequence }) => sequence),
      [1, 2, 3, 4, 5, 6],
    );
    assert.deepEqual(entries.map((entry) => entry.bundle).sort(), names);
    entries.slice(1).forEach(({ replaces }, index) => {
      assert.equal(replaces, entries[index]?.bundle);
    });
  });

  it('adds an entry once when the connection breaks on the commit, before it or after it', async () => {
    for (const wentIn of [false, true]) {
      const flaky = new FlakyTransport(broker, wentIn);
      const name = wentIn ? 'in' : 'out';
      await promote(
        new ModelRegistry({ transport: flaky, codec, topic }),
        name,
        bundle('a'),
        decision,
        openGate,
      );
      assert.equal((await registry.entries(name)).length, 1, name);
    }
  });

  it('begins with a default; a later default replaces only a default or an earlier decision', async () => {
    const named = { bundle: 'new' };
    assert.equal(isDue(named, undefined), true);
    const byUs = await promote(
      registry,
      'works',
      bundle('old'),
      { by: 'castwatch', why: 'shipped default' },
      openGate,
    );
    assert.equal(isDue(named, byUs), true);
    assert.equal(isDue({ bundle: 'old' }, byUs), false);
    const byAda = await promote(registry, 'works', bundle('hers'), decision, openGate);
    assert.equal(isDue(named, byAda), false);
    const at = (ms: number) => ({ ...named, by: 'Bob', at: new Date(byAda.eventTime + ms).toISOString() });
    assert.equal(isDue(at(-1_000), byAda), false);
    assert.equal(isDue(at(1_000), byAda), true);
  });

  it('removes only bundles without a role that no rollback needs', async () => {
    for (const name of ['a', 'b', 'c', 'd'])
      await promote(registry, 'works', bundle(name), decision, openGate);
    await assign(registry, 'works', 'SHADOW', bundle('s'), decision);
    const entries = await registry.entries('works');
    assert.deepEqual(
      earlierChampions(entries).map((entry) => entry.bundle),
      ['c', 'b', 'a'],
    );
    const found = ['a', 'b', 'c', 'd', 's', 'never-used'].map((name) => ({
      bundle: name,
      folder: `/${name}`,
      trained: '',
    }));
    const gone = (keep: number, defaults: readonly string[]) =>
      removable(found, entries, defaults, keep).map((each) => each.bundle);
    assert.deepEqual(gone(1, []), ['a', 'b']);
    assert.deepEqual(gone(1, ['a']), ['b']);
    assert.deepEqual(gone(9, []), []);
  });
});
