import assert from 'node:assert/strict';
import { appendFile, mkdtemp, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Live, LiveBatch } from '../../../sources/source.ts';
import { createTail } from '../../../sources/tail/tail.ts';
import { waitFor } from '../../support/wait.ts';
import { liveContract } from '../contract.ts';
import { smallPlant, start } from '../plants.ts';

const definition = smallPlant();
const reading = (sequence: number): string =>
  JSON.stringify({
    asset: 'E/S/A/L/C1',
    eventTime: start + 1_000 * sequence,
    sequence,
    source: 'plc',
    measurements: [{ tag: 'X', value: sequence }],
  });
const lines = (...sequences: readonly number[]): string =>
  sequences.map((each) => `${reading(each)}\n`).join('');

async function makeFolder() {
  const folder = await mkdtemp(join(tmpdir(), 'castwatch-tail-'));
  const path = join(folder, 'readings.ndjson');
  const positionFile = join(folder, 'positions', 'tail.json');
  const open = (clock: () => number = Date.now): Live =>
    createTail({ definition, path, positionFile, poll: 5, clock });
  return { folder, path, positionFile, open, close: () => rm(folder, { recursive: true }) };
}

liveContract('tail', async () => {
  const { path, open, close } = await makeFolder();
  return {
    open,
    give: (sequences) => appendFile(path, lines(...sequences)),
    silentAfter: 10 * definition.time.period,
    close,
  };
});

describe('sources/tail', () => {
  let made: Awaited<ReturnType<typeof makeFolder>>;
  beforeEach(async () => {
    made = await makeFolder();
  });
  afterEach(() => made.close());

  /** Takes batches until this number of readings has come; acknowledges each batch, and ends the source. */
  async function take(
    source: Live,
    count: number,
    between?: (seen: number) => Promise<void>,
  ): Promise<number[]> {
    const ending = new AbortController();
    const sequences: number[] = [];
    for await (const batch of source.receive(ending.signal)) {
      sequences.push(...sequencesOf(batch));
      await batch.acknowledge();
      await between?.(sequences.length);
      if (sequences.length >= count) ending.abort();
    }
    return sequences;
  }

  const sequencesOf = ({ records }: LiveBatch): number[] =>
    records.map(({ value }) => (value !== null && 'sequence' in value ? value.sequence : NaN));

  it('counts invalid lines, each with its number and reason, and continues', async () => {
    const wrong = [
      '{"asset": ',
      reading(2).replace('"X"', '"Z"'),
      reading(3).replace('C1', 'C9'),
      '[]',
      '\uFFFD'.repeat(3),
    ];
    await writeFile(made.path, `${lines(1)}${wrong.join('\n')}\n\n${lines(8)}`);
    const source = made.open();
    assert.deepEqual(await take(source, 2), [1, 8]);
    assert.deepEqual(source.counts(), { 'malformed-line': 2, 'invalid-reading': 3 });
    const { 'malformed-line': line, 'invalid-reading': invalid } = source.malformed?.() ?? {};
    assert.match(line?.example ?? '', /readings\.ndjson:2 /);
    assert.match(invalid?.example ?? '', /readings\.ndjson:3 measurements\[0\]\.tag: Z is not a tag/);
  });

  it('cuts the NULs that pad texts, and counts the lines', async () => {
    const padded = JSON.parse(reading(2)) as object;
    const lineOf = (source: string): string => `${JSON.stringify({ ...padded, source })}\n`;
    await writeFile(made.path, `${lines(1)}${lineOf('plc\0\0')}${lineOf('p\0c')}${lines(4)}`);
    const source = made.open();
    assert.deepEqual(await take(source, 3), [1, 2, 4]);
    assert.deepEqual(source.counts(), { 'padded-text': 1, 'invalid-reading': 1 });
    const { 'padded-text': cut, 'invalid-reading': refused } = source.malformed?.() ?? {};
    assert.match(cut?.example ?? '', /readings\.ndjson:2 1 texts end in NUL/);
    assert.match(refused?.example ?? '', /readings\.ndjson:3 source: contains NUL/);
  });

  it('waits for the end of a line, and skips a line that is too long', async () => {
    await writeFile(made.path, `${'x'.repeat(1_200_000)}\n${reading(2).slice(0, 20)}`);
    const source = made.open();
    const taking = take(source, 1);
    await waitFor(() => source.counts()['line-too-long'] === 1, 'the long line');
    await appendFile(made.path, `${reading(2).slice(20)}\n`);
    assert.deepEqual(await taking, [2]);
  });

  it('waits for a missing file, and says so', async () => {
    const source = made.open();
    const taking = take(source, 1);
    await waitFor(() => source.health().state === 'lost', 'the missing file');
    assert.match(source.health().problem ?? '', /readings\.ndjson cannot be read: ENOENT/);
    await writeFile(made.path, lines(1));
    assert.deepEqual(await taking, [1]);
  });

  it('reads a rotated file to its end, then the new one', async () => {
    await writeFile(made.path, lines(1));
    const source = made.open();
    const taken = await take(source, 4, async (seen) => {
      if (seen !== 1) return;
      await appendFile(made.path, `${lines(2)}${reading(3)}`); // the writer was stopped before the line break
      await rename(made.path, `${made.path}.1`);
      await writeFile(made.path, lines(4));
    });
    assert.deepEqual(taken, [1, 2, 3, 4]);
    assert.deepEqual(source.counts(), {});
  });

  it('finds the rest of a file that was rotated while it was not running', async () => {
    await writeFile(made.path, lines(1));
    assert.deepEqual(await take(made.open(), 1), [1]);
    await appendFile(made.path, lines(2));
    await rename(made.path, `${made.path}.1`);
    await writeFile(made.path, lines(3));
    const source = made.open();
    assert.deepEqual(await take(source, 2), [2, 3]);
    assert.deepEqual(source.counts(), {});
  });

  it('reports that the former file is gone, and starts with the new one', async () => {
    await writeFile(made.path, lines(1, 2));
    assert.deepEqual(await take(made.open(), 2), [1, 2]);
    await writeFile(join(made.folder, 'next'), lines(3));
    await rename(join(made.folder, 'next'), made.path);
    const source = made.open();
    assert.deepEqual(await take(source, 1), [3]);
    assert.deepEqual(source.counts(), { 'rotated-away': 1 });
  });

  it('reports a truncated file, and reads it from its beginning, running or not', async () => {
    await writeFile(made.path, lines(1, 2));
    const running = made.open();
    const taken = await take(running, 3, async (seen) => {
      if (seen !== 2) return;
      await truncate(made.path);
      await appendFile(made.path, lines(3));
    });
    assert.deepEqual(taken, [1, 2, 3]);
    assert.deepEqual(running.counts(), { truncated: 1 });

    await writeFile(made.path, lines(4, 5, 6, 7)); // the same inode, longer than before
    const stopped = made.open();
    assert.deepEqual(await take(stopped, 4), [4, 5, 6, 7]);
    assert.deepEqual(stopped.counts(), { truncated: 1 });
  });

  it('does not start with a position that it cannot read', async () => {
    await writeFile(made.path, lines(1));
    await take(made.open(), 1);
    await writeFile(made.positionFile, '{');
    await assert.rejects(take(made.open(), 1), { code: 'ENVIRONMENT', remedy: /Delete the file/ });
  });
});
