/** Requests of transactions arrive late, in another order, twice, or after their connection broke. */
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../../../base/retry.ts';
import type { Fault, Injection } from '../fault.ts';
import { readers } from '../rig/fleet.ts';
import type { ChaosRig } from '../rig/chaos-rig.ts';
import { hit, randomMoment } from './common.ts';

const tamperMs = 20_000;
/** Both must have happened; how often depends on how fast the machine is. */
const required = ['EndTxn repeated', 'Produce repeated', 'TxnOffsetCommit repeated'];

export const messages: Fault = {
  name: 'messages',
  title:
    'for 20 s, the requests of transactions of one member of each role delayed, overtaken, repeated, and delivered after a break',
  by: 'broker',
  async *inject(rig, { times, isOver }) {
    for (let round = 0; round < times && !isOver(); round++) yield await tamper(rig);
  },
};

async function tamper(rig: ChaosRig): Promise<Injection> {
  await randomMoment(rig, ...readers);
  const members = readers.map((reader) => rig.fleet.linked(reader));
  const hits = members.map((member) => hit(rig, member.reader, member));
  const tampering = rig.links.broker.tamper(rig.random);
  await sleep(tamperMs);
  await until(
    () => `${required.join(', ')}; so far ${inWords(tampering.counts)}`,
    () => required.every((each) => tampering.counts.has(each)),
    { timeout: 60_000 },
  );
  await tampering.stop();
  const since = Date.now();
  const recoveries = await Promise.all(
    hits.map(({ reader, held }) => rig.progress.recovery(reader, held, since, 120_000)),
  );
  await Promise.all(members.map((member) => member.untilRunning(120_000)));
  return {
    what: `on the way to the broker: ${inWords(tampering.counts)}`,
    recovery: Math.max(...recoveries),
  };
}

const inWords = (counts: ReadonlyMap<string, number>): string =>
  [...counts]
    .sort()
    .map(([what, count]) => `${count} × ${what}`)
    .join(', ');
