/** The database is down for seconds and for minutes, has no free connection, is slow, or no longer answers on a connection. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { sinkGroup } from '../../../roles/shared-names.ts';
import type { Fault, Injection } from '../fault.ts';
import type { ChaosRig } from '../rig/chaos-rig.ts';
import { pick, randomMoment } from './common.ts';

/** Predictions and alerts do not depend on the database. The limit, in seconds, allows for a busy machine. */
const mostStalled = 5;
const shortMs = [10_000, 25_000] as const;
const longMs = 120_000;
const exhaustedMs = 15_000;
const slowMs = 20_000;
const slowness = { delay: 100, bytesPerSecond: 200_000 };
/** More connections than the server allows. */
const mostConnections = 200;

export const database: Fault = {
  name: 'database',
  title:
    '`kill -9` of the database inside a batch, down for 10 to 25 s, once for 2 minutes; no connections left; slow; connections that lead nowhere',
  by: 'database',
  async *inject(rig, { times, isOver }) {
    for (let round = 0; round < times; round++) {
      const long = round === 0 ? [() => killDatabase(rig, longMs)] : [];
      const kinds = [
        () => killDatabase(rig, rig.random.between(shortMs)),
        () => exhaustConnections(rig),
        () => slowDown(rig),
        () => abandon(rig),
        ...long,
      ];
      for (const inject of kinds) {
        if (isOver()) return;
        yield await inject();
      }
    }
  },
};

async function killDatabase(rig: ChaosRig, ms: number): Promise<Injection> {
  await randomMoment(rig, 'predict', 'alert', 'sink');
  const busy = rig.progress.busy('sink');
  const sink = await pick(rig, 'sink');
  const isInside = await rig.transactions.pauseInside(sink, () => rig.random.between([5, 60]));
  const since = Date.now();
  await rig.stack.kill('database');
  if (isInside) sink.resume();
  await sleep(ms);
  const upstream = stalledUpstream(rig, since);
  await rig.stack.start('database');
  const back = Date.now();
  const recovery = await rig.progress.recovery('sink', busy, back);
  const where = isInside ? 'inside a batch' : 'between batches';
  const down = ((back - since) / 1000).toFixed(1);
  return {
    what: `database killed ${where}, down for ${down} s; recovery from its return`,
    recovery,
    ...upstream,
  };
}

/** Takes all connections that the server allows, and ends those of the sinks. */
async function exhaustConnections(rig: ChaosRig): Promise<Injection> {
  await randomMoment(rig, 'predict', 'alert', 'sink');
  const busy = rig.progress.busy('sink');
  const since = Date.now();
  const taken = await takeAllConnections(rig.databaseUrl);
  try {
    const { rowCount } = await rig.pool.query(
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1',
      [`castwatch-${sinkGroup(rig.kafka.prefix)}`],
    );
    // Take the connections that the sinks had, too.
    for (let ended = 0; ended < (rowCount ?? 0); ended++)
      taken.push(...(await takeAllConnections(rig.databaseUrl)));
    await sleep(exhaustedMs);
  } finally {
    await Promise.all(taken.map((client) => client.end()));
  }
  const upstream = stalledUpstream(rig, since);
  const back = Date.now();
  const recovery = await rig.progress.recovery('sink', busy, back);
  return { what: `all ${taken.length} connections taken; recovery from their return`, recovery, ...upstream };
}

async function takeAllConnections(connectionString: string): Promise<Client[]> {
  const taken: Client[] = [];
  while (taken.length < mostConnections) {
    const client = new Client({ connectionString, application_name: 'chaos' });
    client.on('error', () => undefined);
    try {
      await client.connect();
    } catch {
      return taken; // "sorry, too many clients already"
    }
    taken.push(client);
  }
  throw new Error(
    `the database allows more than ${mostConnections} connections: this fault cannot exhaust them`,
  );
}

async function slowDown(rig: ChaosRig): Promise<Injection> {
  await randomMoment(rig, 'predict', 'alert', 'sink');
  const since = Date.now();
  rig.links.database.slow(slowness);
  await sleep(slowMs);
  const upstream = stalledUpstream(rig, since);
  rig.links.database.restore();
  const recovery = await rig.progress.recovery('sink', rig.progress.busy('sink'), Date.now());
  const what = `database ${slowness.delay} ms slower in each direction, and no more than ${slowness.bytesPerSecond / 1000} kB/s`;
  return { what, recovery, ...upstream };
}

/** As after a failover, or when a firewall forgets connections: no reset ever comes, but new connections work. */
async function abandon(rig: ChaosRig): Promise<Injection> {
  await randomMoment(rig, 'predict', 'alert', 'sink');
  const busy = rig.progress.busy('sink');
  const since = Date.now();
  rig.links.database.abandon();
  const recovery = await rig.progress.recovery('sink', busy, since, 180_000);
  return { what: 'connections to the database led nowhere', recovery, ...stalledUpstream(rig, since) };
}

/** Measures the stalls of the steps that do not need the database. */
function stalledUpstream(rig: ChaosRig, since: number): Pick<Injection, 'othersStalled' | 'violations'> {
  const othersStalled = Math.max(
    ...(['predict', 'alert'] as const).map((reader) =>
      rig.progress.longestStall(reader, rig.progress.busy(reader), since, Date.now()),
    ),
  );
  const violations =
    othersStalled > mostStalled ? [`predictions stalled for ${othersStalled.toFixed(1)} s`] : [];
  return { othersStalled, violations };
}
