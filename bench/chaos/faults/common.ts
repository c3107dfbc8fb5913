import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../../../base/retry.ts';
import type { ReaderName } from '../rig/fleet.ts';
import type { Member } from '../rig/fleet-member.ts';
import type { ChaosRig } from '../rig/chaos-rig.ts';

/** Waits for a random moment of the stream: until these readers make progress, and then for a random time. */
export async function randomMoment(rig: ChaosRig, ...flowing: readonly ReaderName[]): Promise<void> {
  await Promise.all(flowing.map((reader) => rig.progress.flowing(reader)));
  await sleep(rig.random.between([100, 1_500]));
}

/** Picks one of the reader's members that has work. Waits for the group to settle first. */
export async function pick(rig: ChaosRig, reader: ReaderName): Promise<Member> {
  const working = (): readonly Member[] => {
    const busy = new Set(rig.progress.busy(reader));
    return rig.fleet
      .of(reader)
      .filter(({ partitions }) => partitions.some((partition) => busy.has(partition)));
  };
  await until(
    () => `a member of ${reader} that has work`,
    () => working().length > 0,
    { timeout: 60_000 },
  );
  const members = working();
  const member = members[rig.random.below(members.length)];
  if (member === undefined) throw new Error(`no member of ${reader} has work`);
  return member;
}

export interface Hit {
  readonly reader: string;
  readonly since: number;
  readonly held: readonly string[];
  readonly others: readonly string[];
}

/** Notes which partitions the member holds now, and which it does not. Call it right before a fault. */
export function hit(rig: ChaosRig, reader: string, member: Member): Omit<Hit, 'since'> {
  const busy = rig.progress.busy(reader);
  const held = busy.filter((partition) => member.partitions.includes(partition));
  return { reader, held, others: busy.filter((partition) => !held.includes(partition)) };
}

export async function measure(
  rig: ChaosRig,
  { reader, held, others, since }: Hit,
): Promise<{ readonly recovery: number; readonly othersStalled?: number }> {
  const recovery = await rig.progress.recovery(reader, held, since);
  if (others.length === 0) return { recovery };
  return {
    recovery,
    othersStalled: rig.progress.longestStall(reader, others, since, since + recovery * 1000),
  };
}

/** The longest stall among all partitions of these readers that get input. */
export function longestStall(
  rig: ChaosRig,
  readers: readonly ReaderName[],
  since: number,
): { readonly seconds: number; readonly inWords: string } {
  const end = Date.now();
  const stalls = readers.flatMap((reader) =>
    rig.progress.busy(reader).map((partition) => ({
      of: `${reader} ${partition.replace(rig.kafka.prefix, '')}`,
      seconds: rig.progress.longestStall(reader, [partition], since, end),
    })),
  );
  const [worst = { of: 'nothing', seconds: 0 }] = stalls.sort((a, b) => b.seconds - a.seconds);
  return { seconds: worst.seconds, inWords: `${worst.seconds.toFixed(1)} s (${worst.of})` };
}
