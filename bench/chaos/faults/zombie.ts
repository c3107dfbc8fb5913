/** A process is stopped past its session, inside a transaction, and then continues as if nothing had happened. */
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../../../base/retry.ts';
import type { Fault, Injection } from '../fault.ts';
import type { ReaderName } from '../rig/fleet.ts';
import type { Member } from '../rig/fleet-member.ts';
import type { ChaosRig } from '../rig/chaos-rig.ts';
import { restartAfterMs } from './kill.ts';
import { hit, measure, pick, randomMoment } from './common.ts';

/**
 * The session is 10 s, and the broker aborts an open transaction after 15 s. A zombie wakes up in between, when other
 * members have taken over its partitions.
 */
const wakesAfterMs = [12_500, 14_000] as const;
/** What a member logs when a refused commit or its group shows it that it was removed. */
const foundOut = /joining again|another sink has claimed|joins again|re-joining|rebalanc/i;
const refused =
  /FENCED|fenced|INVALID_PRODUCER_EPOCH|newer producer|another sink has claimed|last batch before giving the partition up/;

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

export const both: Fault = {
  name: 'both',
  title:
    'of each role one process stopped as a zombie and, at the same moment, the other killed with `kill -9`',
  async *inject(rig, { times, readers, isOver }) {
    for (let round = 0; round < times; round++)
      for (const reader of readers) {
        if (isOver()) return;
        yield await stopOne(rig, reader, { killTheOther: true });
      }
  },
};

async function stopOne(
  rig: ChaosRig,
  reader: ReaderName,
  { killTheOther = false }: { readonly killTheOther?: boolean } = {},
): Promise<Injection> {
  await randomMoment(rig, reader);
  const member = await pick(rig, reader);
  const others = rig.fleet.of(reader).filter((each) => each !== member);
  const before = killTheOther
    ? { reader, held: rig.progress.busy(reader), others: [] }
    : hit(rig, reader, member);
  const isInside = await rig.transactions.pauseInside(member, () => rig.random.between([5, 60]));
  if (!isInside) member.pause();
  const since = Date.now();
  const log = member.logSize();
  if (killTheOther) await killAndRestart(others);
  const [earliest, latest] = wakesAfterMs.map((ms) => sleep(Math.max(0, since + ms - Date.now())));
  const takingOver = measure(rig, { ...before, since });
  const isTakenOver = takingOver.then(
    () => true,
    () => false,
  );
  await earliest;
  const wasTakenOver = await Promise.race([isTakenOver, latest?.then(() => false)]);
  member.resume();
  await until(
    () => `${member.name} to find out that its group removed it`,
    () => foundOut.test(member.logFrom(log)),
    { timeout: 30_000 },
  );
  // The refusal of a commit under way may come a moment later.
  const ended = (): boolean => refused.test(member.logFrom(log));
  await until('', ended, { timeout: 5_000 }).catch(() => undefined);
  const isRefused = ended();
  const measured = await takingOver;
  await Promise.all([member, ...others].map((each) => each.untilRunning()));
  const killed = killTheOther
    ? `, ${others.map(({ name }) => name).join(' and ')} killed in the meantime`
    : '';
  return {
    what: `${member.name} was stopped ${isInside ? 'inside an open transaction' : 'between transactions'}${killed}; ${isRefused ? 'its commit was refused' : 'it left the group by itself'}`,
    ...measured,
    violations: isInside && wasTakenOver === true && !isRefused ? [`${member.name} was not fenced`] : [],
  };
}

async function killAndRestart(members: readonly Member[]): Promise<void> {
  await Promise.all(members.map((member) => member.kill()));
  await sleep(restartAfterMs);
  for (const member of members) member.start();
}
