/** Readings that come twice, out of order, or too late. The windows must not change, and each reading must be accounted for. */
import { isLate } from '../../../stream/index.ts';
import type { Reconciliation } from '../../../proof/reconcile.ts';
import { withFaults } from '../../../sources/faults/faults.ts';
import { records, type Replayable } from '../../../sources/source.ts';
import type { Fault } from '../fault.ts';
import type { ChaosRig } from '../rig/chaos-rig.ts';
import { randomMoment } from './common.ts';

const kinds = ['duplicate', 'out-of-order', 'late'] as const;
const rates = { duplicate: 0.05, 'out-of-order': 0.05, late: 0.01 };
/** Late readings per round. */
const fewest = 40;

export const disorder: Fault = {
  name: 'disorder',
  title: '5 % of the readings twice, 5 % in another order within the grace period, 1 % later than that',
  sourceFaults: 'none',
  spoil: (source, { seed, definition }) => withFaults({ source, definition, seed, kinds, rates }),
  async *inject(rig, { times, isOver }) {
    const made = (): Readonly<Record<string, number>> => rig.feed.source.counts();
    while ((made()['late'] ?? 0) < fewest * times && !isOver())
      await randomMoment(rig, 'validate', 'features');
    yield { what: kinds.map((kind) => `${made()[kind] ?? 0} ${kind}`).join(', ') };
  },
  afterwards: accountedFor,
};

/** Counts repeats and late readings in what the source gave out, independently of the code of the validate step. */
async function accountedFor(
  rig: ChaosRig,
  { rejected, recordsIn, validated }: Reconciliation,
): Promise<string[]> {
  const { twice, late, all } = await countIn(rig.feed.source, rig.definition.time.grace);
  const problems: string[] = [];
  const same = (what: string, put: number, found: number): void => {
    if (put !== found) problems.push(`${put} ${what} were injected, ${found} were found`);
  };
  same('readings', all, recordsIn);
  same('repeats', twice, rejected['DUPLICATE'] ?? 0);
  same('late readings', late, rejected['LATE'] ?? 0);
  same('others', all - twice - late, validated);
  if (twice === 0 || late === 0) problems.push('no reading came twice or late: the stream was too short');
  rig.note(
    `of ${all} readings, ${twice} repeats and ${late} late ones were rejected and counted; all others passed`,
  );
  return problems;
}

async function countIn(
  source: Replayable,
  grace: number,
): Promise<{ readonly twice: number; readonly late: number; readonly all: number }> {
  const seen = new Set<string>();
  const latest = new Map<string, number>();
  const counts = { twice: 0, late: 0, all: 0 };
  for await (const { topic, value } of records(source)) {
    if (topic !== 'sensorReadings' || value === null) continue;
    counts.all += 1;
    const identity = `${value.asset} ${value.source} ${value.sequence}`;
    const newest = latest.get(value.asset) ?? Number.NEGATIVE_INFINITY;
    if (seen.has(identity)) counts.twice += 1;
    else if (isLate(newest, value.eventTime, grace)) counts.late += 1;
    else latest.set(value.asset, Math.max(newest, value.eventTime));
    seen.add(identity);
  }
  return counts;
}
