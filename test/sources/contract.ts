/** The promises of every source. The tests of each source run the part for its type. */
import assert from 'node:assert/strict';
import type { OfflineRecord } from '../../processors/offline.ts';
import { serdeWithoutRegistry } from '../../schemas/registry/serde.ts';
import { publish, type PublishSummary } from '../../sources/publish/publish.ts';
import type { Live, Replayable } from '../../sources/source.ts';
import { watchHealth } from '../../sources/publish/health-watch.ts';
import { StreamError, type Producer, type ProducerRecord } from '../../stream/index.ts';
import type { Logger } from '../../telemetry/log.ts';
import { waitFor } from '../support/wait.ts';

const serde = serdeWithoutRegistry();

/** @param make opens the source, with an end and at least a hundred records */
export function replayableContract<R extends OfflineRecord>(
  name: string,
  make: () => Replayable<R> | Promise<Replayable<R>>,
): void {
  const read = async (source: Replayable<R>): Promise<R[]> => {
    const all: R[] = [];
    for await (const batch of source) all.push(...batch);
    return all;
  };

  describe(`${name} can be read again`, () => {
    let source: Replayable<R>;
    let first: readonly R[];
    before(async () => {
      source = await make();
      first = await read(source);
    });

    it('gives the same records in the same order at each iteration, and when opened again', async () => {
      assert.ok(first.length >= 100, `${first.length} records`);
      assert.deepEqual(await read(source), first);
      assert.deepEqual(await read(await make()), first);
    });

    it('starts at the beginning after an abandoned iteration', async () => {
      const half = source[Symbol.asyncIterator]();
      await half.next();
      await half.return?.();
      assert.deepEqual(await read(source), first);
    });

    it('never decreases the time of replay, and gives every record a timestamp', () => {
      let last = 0;
      for (const record of first) {
        const due = 'due' in record ? Number(record.due) : last;
        assert.ok(due >= last, `${due} after ${last}`);
        last = due;
        assert.ok(Number.isInteger(record.timestamp) && record.timestamp > 0);
      }
    });

    it('reports its progress', async () => {
      await read(source);
      assert.equal(source.progress().records, first.length);
      assert.equal(source.progress().share, 1);
    });
  });
}

/** The outside of a live source, under the test's control. */
export interface Outside {
  /** Opens the source as its role does at a start. Every call is a restart of the same installation. */
  open(clock: () => number): Live;
  /** Gives values with these sequences to the source. */
  give(sequences: readonly number[]): Promise<void>;
  /** ms without a value after which the source is silent. */
  readonly silentAfter: number;
  close(): Promise<void>;
}

/** A publisher holds no more than this of a live source: two requests and a batch. */
const mostHeld = 3_500;

export function liveContract(name: string, makeOutside: () => Promise<Outside>): void {
  describe(`${name} is live`, function () {
    this.timeout(30_000);
    let outside: Outside;
    beforeEach(async () => {
      outside = await makeOutside();
    });
    afterEach(async () => {
      for (const { ending, done, producer } of runs.splice(0)) {
        ending.abort();
        producer.open();
        await done.catch(() => undefined); // the test has reported it
      }
      await outside.close();
    });

    it('acknowledges a position only after Kafka has the records', async () => {
      const kafka = new Gate();
      kafka.shut();
      const run = start(outside.open(Date.now), kafka);
      await outside.give([1, 2, 3]);
      await waitFor(() => kafka.waiting > 0, 'a request');
      assert.equal(run.source.health().position, undefined);
      kafka.open();
      await waitFor(() => run.source.health().position !== undefined, 'a position');
      assert.deepEqual(kafka.sequences, [1, 2, 3]);
      assert.equal((await run.end()).published.sensorReadings, 3);
      assert.equal(run.source.health().state, 'ended');
    });

    it('loses nothing when it is killed before Kafka has answered', async () => {
      const first = new Gate();
      const run = start(outside.open(Date.now), first);
      await outside.give([1, 2]);
      await waitFor(() => run.source.health().position !== undefined, 'a position');
      first.break();
      await outside.give([3, 4]);
      await assert.rejects(run.done, { code: 'TOPIC_MISSING' });

      await outside.give([5]);
      const second = new Gate();
      const again = start(outside.open(Date.now), second);
      await waitFor(() => second.sequences.includes(5), 'the last value');
      await again.end();
      assert.deepEqual(second.sequences, [3, 4, 5], 'all from the acknowledged position on');
    });

    it('gives everything again when nothing was acknowledged', async () => {
      const kafka = new Gate();
      kafka.break();
      const run = start(outside.open(Date.now), kafka);
      await outside.give([1, 2, 3]);
      await assert.rejects(run.done);
      const second = new Gate();
      const again = start(outside.open(Date.now), second);
      await waitFor(() => second.sequences.length === 3, 'all values');
      await again.end();
    });

    it('pauses while Kafka accepts nothing, keeps a bounded number of records, and says so', async () => {
      let now = Date.now();
      const kafka = new Gate();
      kafka.shut();
      const run = start(
        outside.open(() => now),
        kafka,
      );
      const all = Array.from({ length: 3 * mostHeld }, (_, index) => index + 1);
      await outside.give(all);
      await waitFor(() => kafka.waiting > 0, 'a request');
      const health = await waitFor(() => {
        now += 5_000; // each time: the publisher may have taken another batch since
        const seen = run.source.health();
        return seen.state === 'paused' && seen;
      }, 'the pause');
      assert.match(health.problem ?? '', /is paused: Kafka has not acknowledged/);
      assert.ok(run.source.progress().records <= mostHeld, `${run.source.progress().records} in memory`);
      kafka.open();
      const kept = await waitFor(() => kafka.sequences.length === all.length, 'the rest').then(() =>
        run.source.counts(),
      );
      assert.deepEqual(kafka.sequences, all);
      assert.deepEqual(kept, {}, 'nothing was dropped');
      await run.end();
    });

    it('warns once when no values come, and says when values come again', async () => {
      let now = Date.now();
      const lines: string[] = [];
      const log = {
        warn: (_: unknown, text: string) => lines.push(`warn ${text}`),
        info: (_: unknown, text: string) => lines.push(`info ${text}`),
      } as unknown as Logger;
      const kafka = new Gate();
      const run = start(
        outside.open(() => now),
        kafka,
      );
      const watch = watchHealth(run.source, { log });
      await outside.give([1]);
      await waitFor(() => run.source.health().state === 'receiving', 'a value');
      const { lastValueAt } = run.source.health();
      watch.look();
      now += outside.silentAfter + 1_000;
      for (let look = 0; look < 3; look++) watch.look();
      const health = run.source.health();
      assert.equal(health.state, 'silent');
      assert.equal(health.lastValueAt, lastValueAt);
      assert.equal(lines.filter((line) => line.startsWith('warn')).length, 1, lines.join('\n'));
      await outside.give([2]);
      await waitFor(() => run.source.health().state === 'receiving', 'the next value');
      watch.look();
      assert.match(lines.at(-1) ?? '', /^info the live source is receiving/);
      assert.equal(run.source.health().problem, undefined);
      watch.stop();
      await run.end();
    });
  });
}

/** Stopped after each test, also after a failed one. */
const runs: {
  readonly ending: AbortController;
  readonly done: Promise<PublishSummary>;
  readonly producer: Gate;
}[] = [];

interface Run {
  readonly source: Live;
  readonly done: Promise<PublishSummary>;
  end(): Promise<PublishSummary>;
}

function start(source: Live, producer: Gate): Run {
  const ending = new AbortController();
  const done = publish({ source, producer, serde, signal: ending.signal });
  done.catch(() => undefined); // the test awaits it
  runs.push({ ending, done, producer });
  return {
    source,
    done,
    end() {
      ending.abort();
      return done;
    },
  };
}

/** A producer that acknowledges while it is open, waits while it is shut, and fails once it is broken. */
class Gate implements Producer {
  readonly sequences: number[] = [];
  waiting = 0;
  #way = Promise.withResolvers<undefined>();
  #broken = false;

  constructor() {
    this.open();
  }

  shut(): void {
    this.#way = Promise.withResolvers();
  }

  open(): void {
    this.#way.resolve(undefined);
  }

  break(): void {
    this.#broken = true;
  }

  async send(records: readonly ProducerRecord[]): Promise<void> {
    this.waiting++;
    await this.#way.promise;
    this.waiting--;
    if (this.#broken) throw new StreamError('TOPIC_MISSING', 'there is no such topic');
    for (const { value } of records)
      if (value !== null) this.sequences.push(serde.codec('sensorReadings').decode(value).sequence);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
