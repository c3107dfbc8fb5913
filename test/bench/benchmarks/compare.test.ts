import { strict as assert } from 'node:assert';
import { countsFor, ready } from '../../../bench/benchmarks/compare.ts';
import type { Contender, Prepared } from '../../../bench/contenders/contender.ts';
import { findPython, isNewEnough } from '../../../bench/peers/build-quix.ts';
import { throughputTable } from '../../../bench/reporting/throughput-table.ts';
import type { ThroughputResult } from '../../../bench/measuring/backlog-throughput.ts';

describe('the contenders of a comparison, and their numbers of records', () => {
  it('gives all contenders the same records, and a slow one fewer', () => {
    const asked = { warmUp: 100_000, records: 200_000 };
    assert.deepEqual(countsFor({}, asked), asked);
    assert.deepEqual(countsFor({ most: { warmUp: 9_000, records: 8_000 } }, asked), {
      warmUp: 9_000,
      records: 8_000,
    });
    assert.deepEqual(
      countsFor({ most: { warmUp: 9_000, records: 8_000 } }, { warmUp: 10_000, records: 500 }),
      { warmUp: 9_000, records: 500 },
    );
  });

  it('leaves out a contender that cannot run here, says why, and continues', async () => {
    const said: string[] = [];
    const able = contender('able');
    const taking = await ready(
      [contender('unable', { ready: false, why: 'no python3' }), able],
      undefined,
      (line) => said.push(line),
    );
    assert.deepEqual(taking, [able]);
    assert.deepEqual(said, ['  Title of unable is left out: no python3']);
  });

  it('prepares only the requested contenders', async () => {
    const refused: Contender = {
      ...contender('other'),
      prepare: () => Promise.reject(new Error('was prepared')),
    };
    assert.equal((await ready([refused, contender('able')], ['able'], () => undefined)).length, 1);
  });

  it('fails when no contender is left', async () => {
    const unable = contender('unable', { ready: false, why: 'no python3' });
    await assert.rejects(
      ready([unable], undefined, () => undefined),
      /None of the contenders can run/,
    );
    await assert.rejects(
      ready([unable], ['stranger'], () => undefined),
      /--only names none of unable/,
    );
  });

  it('says in the table which contender got fewer records', () => {
    const [all, few] = [contender('all'), contender('few')];
    assert.match(
      throughputTable([all, few], [result('all', 200_000), result('few', 8_000)]),
      /\n\nTitle of few: measured on 8,000 records instead of 200,000/,
    );
    assert.doesNotMatch(
      throughputTable([all, few], [result('all', 8_000), result('few', 8_000)]),
      /measured on/,
    );
  });
});

describe('finding a Python for the peer', () => {
  it('accepts 3.11 and later', () => {
    const versions = ['2.7', '3.9', '3.10', '3.11', '3.14', '4.0', ''];
    assert.deepEqual(versions.filter(isNewEnough), ['3.11', '3.14', '4.0']);
  });

  it('finds none when there is none', async () => {
    assert.equal(await findPython(['no-such-python']), undefined);
  });
});

const contender = (name: string, prepared: Prepared = { ready: true }): Contender => ({
  name,
  title: `Title of ${name}`,
  prepare: () => Promise.resolve(prepared),
  start: () => Promise.reject(new Error('not started here')),
});

const result = (name: string, records: number): ThroughputResult => ({
  ...{ contender: name, records, seconds: 1, recordsPerSecond: records },
  ...{ cpuPerRecord: 1, brokerCpuPerRecord: 1, residentMiB: 1, peakMiB: 1, startSeconds: 1 },
  ...{ checks: [], agrees: true },
});
