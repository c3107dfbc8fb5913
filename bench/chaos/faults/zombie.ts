/** A process that stands still past its session, inside a transaction, and then goes on as if nothing had been. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault, Injection } from '../fault.ts';
import type { Reader } from '../fleet.ts';
import type { Rig } from '../rig.ts';
import { until } from '../until.ts';
import { hit, measure, pick, randomMoment } from './common.ts';

/** The session is 10 s. */
const standsForMs = 12_500;
/** What a member logs that has found out, by a refused commit or by its group. */
const foundOut = /joining again|another sink has claimed|joins again|rebalanc/i;
const refused = /FENCED|fenced|INVALID_PRODUCER_EPOCH|newer producer|another sink has claimed/;

export const zombie: Fault = {
  name: 'zombie',
  title: 'SIGSTOP past the session, inside an open transaction, then SIGCONT',
  async *inject(rig, { times, readers, isOver }) {
    for (let round = 0; round < times; round++)
      for (const reader of readers) {
        if (isOver()) return;
        yield await stopOne(rig, reader);
      }
  },
};

export async function stopOne(rig: Rig, reader: Reader): Promise<Injection> {
  await randomMoment(rig, reader);
  const member = await pick(rig, reader);
  const before = hit(rig, reader, member);
  const isInside = await rig.transactions.pauseInside(member, () => rig.random.between([5, 60]));
  if (!isInside) member.pause();
  const since = Date.now();
  const log = member.logSize();
  const measured = await measure(rig, { ...before, since });
  await sleep(Math.max(0, since + standsForMs - Date.now()));
  member.resume();
  await until(
    () => foundOut.test(member.logFrom(log)),
    () => `${member.name} to find out that it was given up`,
    30_000,
  );
  const isRefused = refused.test(member.logFrom(log));
  await member.untilRunning();
  return {
    what: `${member.name} stood still ${isInside ? 'inside an open transaction' : 'between transactions'}; ${isRefused ? 'its commit was refused' : 'it left the group by itself'}`,
    ...measured,
    violations: isInside && !isRefused ? [`${member.name} was not fenced`] : [],
  };
}
