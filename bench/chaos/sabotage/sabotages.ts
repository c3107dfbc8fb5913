/** Builds that are broken on purpose, each with the smallest check that must notice. */

export interface Sabotage {
  readonly name: string;
  /** What is broken, as the report says it. */
  readonly what: string;
  readonly file: string;
  /** Texts to replace, once each. The run fails when a text is no longer in the file: then update the sabotage. */
  readonly changes: readonly (readonly [from: string, to: string])[];
  readonly check: SabotageCheck;
  /** What the check says when it notices exactly this: for a test, part of the title of the test that must fail. */
  readonly notices: RegExp;
}

export type SabotageCheck =
  | { readonly kind: 'test'; readonly files: readonly string[] }
  /** Arguments of `npm run chaos`. */
  | { readonly kind: 'chaos'; readonly args: readonly string[] };

const test = (...files: string[]): SabotageCheck => ({ kind: 'test', files });
const chaos = (...args: string[]): SabotageCheck => ({ kind: 'chaos', args });
const memoryContract = test('test/stream/memory/memory-transport.test.ts');
const kafkaContract = test('test/integration/stream-kafka.test.ts');
const otherwise = /processed (more|less|otherwise) than generated|differences|lost/;

export const sabotages: readonly Sabotage[] = [
  {
    name: 'offsets-outside',
    what: 'offsets committed before the transaction, and outside it',
    file: 'stream/kafka/transactional-producer.ts',
    changes: [
      [
        '      await this.#write(batches, offsets, new Landings(this.#transactionalId, landing));\n',
        `      if (offsets.length > 0) {
        await this.#write([], offsets, new Landings(this.#transactionalId, []));
        await this.#end(true);
      }
      if (batches.length === 0) return;
      await this.#write(batches, [], new Landings(this.#transactionalId, landing));
`,
      ],
    ],
    check: chaos('--only', 'kill', '--readers', 'validate,features', '--kills', '2'),
    notices: otherwise,
  },
  {
    name: 'transactional-id-per-process',
    what: 'a transactional id per process instead of one per partition',
    file: 'stream/take-over.ts',
    changes: [['${group}-${main?.topic', '${group}-${process.pid}-${main?.topic']],
    check: chaos('--only', 'zombie', '--readers', 'validate,features'),
    notices: /processed (more|otherwise) than generated|was not fenced/,
  },
  {
    name: 'changelog-outside',
    what: 'state written to the changelog before the transaction, and outside it',
    file: 'stream/kafka/transactional-producer.ts',
    changes: [
      [
        '      const batches = await this.#batches(records);\n',
        `      const states = records.filter(({ topic }) => topic.endsWith('-changelog'));
      if (states.length > 0) {
        await this.#write(await this.#batches(states), [], new Landings(this.#transactionalId, []));
        await this.#end(true);
      }
      const batches = await this.#batches(records);
`,
      ],
    ],
    check: chaos('--only', 'kill', '--readers', 'validate,features', '--kills', '2'),
    notices: otherwise,
  },
  {
    name: 'read-uncommitted',
    what: 'topics, input and state read uncommitted',
    file: 'stream/kafka/protocol/fetch.ts',
    changes: [['const readCommitted = 1;', 'const readCommitted = 0;']],
    check: kafkaContract,
    notices: /delivers no record of an aborted transaction/,
  },
  {
    name: 'sink-without-fence',
    what: "the sink's positions moved without a check of the claim or of the position before",
    file: 'sinks/timescale/writing/positions.ts',
    changes: [['\n              AND s.next_offset = b.since AND s.epoch = b.epoch', '']],
    check: test('test/sinks/timescale/writing/sink.test.ts'),
    notices: /refuses a zombie/,
  },
  {
    name: 'position-before-rows',
    what: "the sink's position committed before its rows",
    file: 'sinks/timescale/writing/store-batch.ts',
    changes: [
      [
        '  const byTable = new Map<string, number>();',
        "  await client.query('COMMIT');\n  await client.query(begin);\n  const byTable = new Map<string, number>();",
      ],
    ],
    check: test('test/sinks/timescale/writing/sink-locks.test.ts'),
    notices: /moves no position before its rows are there/,
  },
  {
    name: 'no-dead-letters',
    what: 'dead letters counted, but not written',
    file: 'stream/batch-processor.ts',
    changes: [['work.out.push(toDeadLetter(', 'void (toDeadLetter(']],
    check: memoryContract,
    notices: /dead-letters what cannot be decoded/,
  },
  {
    name: 'watermark-per-partition',
    what: 'the watermark of the features taken per partition instead of per key',
    file: 'processors/features/step.ts',
    changes: [
      [
        '  const rows = new RowMaker(definition);\n',
        '  const rows = new RowMaker(definition);\n  let latestOfAll = Number.NEGATIVE_INFINITY;\n',
      ],
      [
        'makeRows(asset, timestamp, state, watermark(eventTime, grace), out);',
        'latestOfAll = Math.max(latestOfAll, eventTime);\n      makeRows(asset, timestamp, state, watermark(latestOfAll, grace), out);',
      ],
    ],
    check: test('test/processors/contract.test.ts', 'test/processors/features/**/*.test.ts'),
    // the seed decides which of them fails first
    notices: /gives the same outcomes|keeps keys apart|cover their windows up to the end/,
  },
  {
    name: 'no-duplicate-check',
    what: 'repeated readings not rejected by validation',
    file: 'processors/validate/order.ts',
    changes: [["  if (seen === 'seen') return", "  if (seen === 'seen' && sequence < 0) return"]],
    check: chaos('--only', 'disorder'),
    notices: /repeats were injected, 0 were found/,
  },
  {
    name: 'late-in-silence',
    what: 'late readings dropped without a rejection',
    file: 'processors/validate/step.ts',
    changes: [
      [
        'if (refused) return emit(',
        "if (refused?.reason === 'LATE') return { kind: 'drop', reason: 'LATE' };\n      if (refused) return emit(",
      ],
    ],
    check: chaos('--only', 'disorder'),
    notices: /late readings were injected, 0 were found/,
  },
  {
    name: 'state-not-written',
    what: 'state kept only in memory',
    file: 'stream/state-store.ts',
    changes: [['this.#touched.push(kept);', '']],
    check: memoryContract,
    notices: /continues after a stop where it was/,
  },
  {
    name: 'breaker-stuck',
    what: 'a breaker that never opens',
    file: 'stream/breaker.ts',
    changes: [['return died && this.#isOver(', 'return !died && this.#isOver(']],
    check: memoryContract,
    notices: /stops a task when nearly all of its records fail/,
  },
  {
    name: 'frames-without-acknowledgement',
    what: 'the gateway sends more before the client acknowledges',
    file: 'gateway/live/hub.ts',
    changes: [['      client.onItsWay = true;\n', '']],
    check: test('test/gateway/live/**/*.test.ts'),
    notices:
      /disconnects a client that does not acknowledge|keeps a bounded amount for a client that reads nothing/,
  },
  {
    name: 'half-assignment-left-open',
    what: 'the tasks of a half-failed assignment not closed',
    file: 'stream/app.ts',
    changes: [
      [
        '    for (const task of opened) this.#tasks.set(task.partition, task);\n    const failed',
        '    const failed',
      ],
      [
        '    if (failed !== undefined) throw failed.reason;\n    return opened;',
        '    if (failed !== undefined) throw failed.reason;\n    for (const task of opened) this.#tasks.set(task.partition, task);\n    return opened;',
      ],
    ],
    check: test('test/stream/app.test.ts'),
    notices: /leaves no producer open/,
  },
];
