/** What happens to a record when the step's output for it cannot be written. */
import assert from 'node:assert/strict';
import { until } from '../../base/retry.ts';
import { deadLetterHeaders, emit, startStreamApp, type StreamApp } from '../../stream/index.ts';
import {
  assertExactlyOnce,
  countProcessor,
  countStep,
  createCountTopics,
  keysOf,
  readAll,
  readCounted,
  sendItems,
  type Counted,
  type Rig,
} from './harness.ts';

const keys = keysOf(3);

/** Counts as ever; of the number 0 it makes what is given. */
const stepThatMakes = (unwritable: (counted: Counted) => Counted): typeof countStep => ({
  ...countStep,
  process(record, state, extra) {
    const outcome = countStep.process(record, state, extra);
    const isSpecial = record.input.from === 'items' && record.input.value.n === 0;
    if (outcome.kind !== 'emit' || !isSpecial) return outcome;
    return emit(...outcome.records.map((output) => ({ ...output, value: unwritable(output.value) })));
  },
});

const tooLarge = (counted: Counted): Counted => ({ ...counted, label: 'x'.repeat(2 * 1024 * 1024) });

function circular(counted: Counted): Counted {
  const made: Counted & { self?: unknown } = { ...counted };
  made.self = made;
  return made;
}

export function unwritableContract(rig: () => Rig): void {
  let app: StreamApp | undefined;
  afterEach(() => app?.stop());

  const cases = [
    { what: 'larger than a broker takes', make: tooLarge, detail: /record for counted has 2\d+ bytes/ },
    { what: 'not encodable by its codec', make: circular, detail: /circular/ },
  ];
  for (const { what, make, detail } of cases)
    it(`makes a dead letter of a record whose output is ${what}, and loses nothing else`, async () => {
      const topics = await createCountTopics(rig(), 1);
      app = startStreamApp(countProcessor(topics, stepThatMakes(make)), {
        transport: rig().transport,
        application: topics.application,
        deadLetterTopic: topics.deadLetters,
      });
      await sendItems(rig(), topics.items, keys, 1, 20);
      await sendItems(rig(), topics.items, ['key-0'], 0, 1);
      await sendItems(rig(), topics.items, keys, 21, 20);
      await until('the group has caught up', async () => {
        const end = (await rig().transport.endOffsets(topics.items)).get(0);
        const group = `${topics.application}-count`;
        return (await rig().transport.committedOffsets(group, topics.items)).get(0) === end;
      });
      assertExactlyOnce(await readCounted(rig(), topics.counted), keys, 40);
      const letters = await readAll(rig(), topics.deadLetters);
      assert.deepEqual(
        letters.map(({ value }) => value?.toString()),
        ['{"n":0}'],
      );
      assert.match(letters[0]?.headers?.[deadLetterHeaders.detail]?.toString() ?? '', detail);
    });

  it('makes a dead letter of a record whose key leaves no room for outputs and state', async () => {
    const topics = await createCountTopics(rig(), 1);
    app = startStreamApp(countProcessor(topics), {
      transport: rig().transport,
      application: topics.application,
      deadLetterTopic: topics.deadLetters,
    });
    await sendItems(rig(), topics.items, ['k'.repeat(500_000)], 1, 1);
    await sendItems(rig(), topics.items, keys, 1, 20);
    await until('the others are counted', async () => (await readCounted(rig(), topics.counted)).size === 3);
    const letters = await readAll(rig(), topics.deadLetters);
    assert.deepEqual(
      letters.map(({ headers }) => headers?.[deadLetterHeaders.reason]?.toString()),
      ['key-too-long'],
    );
  });
}
