/** The connections of one member of each role to the broker are cut, swallow everything, or are slow. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault, Injection } from '../fault.ts';
import { readers } from '../rig/fleet.ts';
import type { ChaosRig } from '../rig/chaos-rig.ts';
import { hit, longestStall, randomMoment, type Hit } from './common.ts';

/** A session is 10 s: a group removes a member that is cut off for longer. */
const outageMs = [5_000, 15_000] as const;
const blackHoleMs = [12_500, 18_000] as const;
const slowness = { delay: 100, bytesPerSecond: 1_000_000 };
const slowMs = 20_000;

export const network: Fault = {
  name: 'network',
  title:
    'the connections of one member of each role cut for 5 to 15 s, swallowed for 12.5 to 18 s, slow for 20 s',
  by: 'broker',
  async *inject(rig, { times, isOver }) {
    for (let round = 0; round < times; round++)
      for (const breakIt of [cut, blackHole, slow]) {
        if (isOver()) return;
        yield await breakIt(rig);
      }
  },
};

async function cut(rig: ChaosRig): Promise<Injection> {
  const ms = rig.random.between(outageMs);
  return outage(rig, ms, `cut for ${(ms / 1000).toFixed(1)} s`, () => {
    rig.links.broker.cut();
  });
}

async function blackHole(rig: ChaosRig): Promise<Injection> {
  const ms = rig.random.between(blackHoleMs);
  return outage(rig, ms, `swallowed for ${(ms / 1000).toFixed(1)} s`, () => {
    rig.links.broker.blackHole();
  });
}

async function outage(rig: ChaosRig, ms: number, how: string, breakIt: () => void): Promise<Injection> {
  await randomMoment(rig, ...readers);
  const members = readers.map((reader) => rig.fleet.linked(reader));
  const hits = members.map((member) => hit(rig, member.reader, member));
  const since = Date.now();
  breakIt();
  await sleep(ms);
  rig.links.broker.restore();
  const back = Date.now();
  const recoveries = await Promise.all(
    hits.map(({ reader, held }) => rig.progress.recovery(reader, held, since, 120_000)),
  );
  const othersStalled = stallOfOthers(rig, hits, since);
  await Promise.all(members.map((member) => member.untilRunning(120_000)));
  const rejoined = (Date.now() - back) / 1000;
  return {
    what: `connections to the broker ${how}; all ran again ${rejoined.toFixed(1)} s after that`,
    recovery: Math.max(...recoveries),
    ...othersStalled,
  };
}

/** The longest stall of assets that no member behind the link handles, in any step. */
function stallOfOthers(
  rig: ChaosRig,
  hits: readonly Pick<Hit, 'reader' | 'held' | 'others'>[],
  since: number,
): { readonly othersStalled?: number } {
  const numberOf = (partition: string): string => partition.split('/').at(-1) ?? partition;
  const hitNumbers = new Set(hits.flatMap(({ held }) => held.map(numberOf)));
  const stalls = hits.flatMap(({ reader, others }) =>
    others
      .filter((partition) => !hitNumbers.has(numberOf(partition)))
      .map((partition) => rig.progress.longestStall(reader, [partition], since, Date.now())),
  );
  return stalls.length === 0 ? {} : { othersStalled: Math.max(...stalls) };
}

/** A slow connection must not break anything: everything continues, only later. */
async function slow(rig: ChaosRig): Promise<Injection> {
  await randomMoment(rig, ...readers);
  const since = Date.now();
  rig.links.broker.slow(slowness);
  await sleep(slowMs);
  const stall = longestStall(rig, readers, since);
  rig.links.broker.restore();
  return {
    what: `connections to the broker ${slowness.delay} ms slower in each direction, and no more than ${slowness.bytesPerSecond / 1000} kB/s each; the longest stall of a partition was ${stall.inWords}`,
  };
}
