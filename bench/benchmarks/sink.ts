/** The sink on a backlog, compared with psql's \copy of the same rows into the same empty tables. */
import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Pool } from 'pg';
import { runTimeout, startRig, type OpenRun, type Rig } from '../measuring/rig.ts';
import { until } from '../../base/retry.ts';
import { openPool } from '../../roles/connections.ts';
import { sinkLag } from '../../proof/lag.ts';
import { readTopic } from '../../proof/read-topic.ts';
import { castwatch } from '../contenders/castwatch.ts';
import { startRole } from '../contenders/role-processes.ts';
import { storedTopics } from '../../schemas/catalogue.ts';
import { tables } from '../../sinks/timescale/tables/tables.ts';
import type { ProducerRecord } from '../../stream/index.ts';
import { newTables } from '../measuring/new-tables.ts';
import { barOf } from '../reporting/plot.ts';
import { medianOf, spreadOf } from '../reporting/spread.ts';
import { textTable } from '../reporting/text-table.ts';
import type { Benchmark, BenchmarkOptions, BenchmarkOutcome } from './benchmark.ts';

const runFile = promisify(execFile);
const cells = 200;
const tableNames = storedTopics.map((topic) => tables[topic].name);

export const sink: Benchmark = {
  name: 'sink',
  title: 'topics to tables, compared with COPY of the same rows by psql',
  run,
};

interface Measured {
  readonly rows: number;
  readonly copied: number;
  readonly sinkSeconds: number;
  readonly copySeconds: number;
}

async function run({
  repeats = 3,
  records = 20_000,
  profiles,
  say,
}: BenchmarkOptions): Promise<BenchmarkOutcome> {
  const rig = await startRig({
    plant: { process: 'processes/casting.yaml', cells },
    ...{ records, seed: '1', parts: ['kafka', 'registry', 'database'], say },
    ...(profiles === undefined ? {} : { profiles }),
  });
  const measured: Measured[] = [];
  try {
    const backlog = await outputsOf(rig, records);
    for (let repeat = 0; repeat <= repeats; repeat++) {
      const each = await measure(rig, backlog);
      if (repeat > 0) measured.push(each); // the first one warms up the server
      const [own, copy] = [each.rows / each.sinkSeconds, each.rows / each.copySeconds];
      say(`  ${each.rows} rows: sink ${Math.round(own)}/s, COPY ${Math.round(copy)}/s`);
    }
  } finally {
    await rig.stop();
  }
  const rate = (seconds: 'sinkSeconds' | 'copySeconds'): readonly number[] =>
    measured.map((each) => each.rows / each[seconds]);
  const ratio = medianOf(rate('sinkSeconds')) / medianOf(rate('copySeconds'));
  return {
    agrees: measured.every(({ rows, copied }) => rows === copied),
    text: `${textTable(
      ['', 'rows/s'],
      [
        ['sink, from Kafka', spreadOf(rate('sinkSeconds'))],
        ['COPY by psql, from a file', spreadOf(rate('copySeconds'))],
      ],
    )}\n\nThe sink stores ${ratio.toFixed(2)} × as many rows per second as COPY.`,
    plots: [
      {
        name: 'sink',
        title: 'rows per second',
        bars: [barOf('sink, from Kafka', rate('sinkSeconds')), barOf('COPY by psql', rate('copySeconds'))],
      },
    ],
    data: { cells, records, repeats, ratio, measured },
  };
}

/** The outputs of validate and features for the dataset, which each run puts on its topics. */
async function outputsOf(rig: Rig, records: number): Promise<(run: OpenRun) => ProducerRecord[]> {
  const run = await rig.openRun('sink-input');
  try {
    await rig.loader.fill({ prefix: run.kafka.prefix, from: 0, to: records });
    const running = await castwatch('castwatch', 'Castwatch', [['validate', 'features']]).start(run);
    try {
      await until('the backlog', () => running.isDone(), runTimeout);
    } finally {
      await running.stop();
    }
    const all: {
      readonly id: (typeof storedTopics)[number];
      readonly record: Omit<ProducerRecord, 'topic'>;
    }[] = [];
    for (const id of ['validatedReadings', 'rejectedReadings', 'features', 'mesEvents'] as const)
      for await (const { partition, records: found } of readTopic(run.kafka.transport, run.kafka.topics[id]))
        for (const { key, value, timestamp } of found)
          all.push({ id, record: { partition, key, value, timestamp } });
    return ({ kafka: { topics } }) => all.map(({ id, record }) => ({ topic: topics[id], ...record }));
  } finally {
    await run.close();
  }
}

async function measure(rig: Rig, backlog: (run: OpenRun) => ProducerRecord[]): Promise<Measured> {
  const run = await rig.openRun('sink');
  const { transport, topics, prefix } = run.kafka;
  const url = await newTables(rig.stack, prefix, rig.definition);
  const pool = openPool(url);
  const child = startRole(run, ['sink'], { DATABASE_URL: url });
  try {
    await child.untilReady();
    const producer = await transport.transactionalProducer(`${prefix}bench`);
    await producer.transact(backlog(run), []);
    const began = performance.now();
    const isStored = async (): Promise<boolean> => {
      child.requireRunning();
      return (await sinkLag({ transport, topics, prefix, pool })).every(({ records }) => records === 0);
    };
    await until('all rows', isStored, runTimeout);
    const sinkSeconds = (performance.now() - began) / 1_000;
    await producer.close();
    await child.stop();
    const rows = await countRows(pool);
    return { rows, sinkSeconds, ...(await copy(rig, run, url)) };
  } finally {
    await child.stop();
    await pool.end();
    await run.close();
  }
}

/** Copies the same rows to files and then, timed, into the empty tables of another database. */
async function copy(rig: Rig, run: OpenRun, url: string): Promise<Pick<Measured, 'copied' | 'copySeconds'>> {
  const folder = join(run.folder, 'copy');
  mkdirSync(folder, { recursive: true });
  const script = (name: string, direction: 'to' | 'from'): string => {
    const file = join(folder, `${direction}.sql`);
    const lines = tableNames.map((each) => `\\copy castwatch.${each} ${direction} '${join(folder, each)}'`);
    writeFileSync(file, `${lines.join('\n')}\n`);
    return name + file;
  };
  const psql = (to: string, direction: 'to' | 'from') =>
    runFile('psql', [to, '--quiet', '--no-psqlrc', '--set=ON_ERROR_STOP=1', script('--file=', direction)]);
  await psql(url, 'to');
  const empty = await newTables(rig.stack, `${run.kafka.prefix}copy`, rig.definition);
  const began = performance.now();
  await psql(empty, 'from');
  const copySeconds = (performance.now() - began) / 1_000;
  const pool = openPool(empty);
  try {
    return { copied: await countRows(pool), copySeconds };
  } finally {
    await pool.end();
  }
}

async function countRows(pool: Pool): Promise<number> {
  const counts = tableNames.map((name) => `(SELECT count(*) FROM castwatch.${name})`);
  const { rows } = await pool.query<{ sum: string }>(`SELECT ${counts.join(' + ')} AS sum`);
  return Number(rows[0]?.sum);
}
