/**
 * The quality of an alarm, as conditions have it in OPC UA Part 9: whether what it is based on is still there. An open alarm of an
 * asset that sends nothing stays open, as in ISA-18.2: nobody has seen its value return to normal. But nobody knows whether it
 * still stands, and whoever reads it must be told.
 */
import type { Board } from '../live/board.ts';
import type { History } from '../history.ts';
import type { Alarm } from '../shared/alarms.ts';
import type { PlantView } from '../shared/messages.ts';

export interface QualifiedAlarm extends Alarm {
  readonly quality: 'GOOD' | 'UNCERTAIN';
  /** ms since the epoch; null for a cleared alarm, and when no data of the asset is known. */
  readonly lastDataAt: number | null;
}

export interface QualitySources {
  readonly plant: Pick<PlantView, 'staleAfter'>;
  readonly history: Pick<History, 'assets'>;
  readonly board: Pick<Board, 'scans'>;
}

export async function withQuality(
  alarms: readonly Alarm[],
  { plant, history, board }: QualitySources,
): Promise<readonly QualifiedAlarm[]> {
  const open = new Set(alarms.flatMap(({ state, latest }) => (state === 'CLEARED' ? [] : [latest.asset])));
  const known = new Map<string, number>();
  for (const asset of open) {
    const scan = board.scans(asset).at(-1);
    if (scan !== undefined) known.set(asset, scan.publishedAt ?? scan.eventTime);
  }
  if (known.size < open.size)
    for (const { asset, lastEventTime } of await history.assets())
      if (!known.has(asset)) known.set(asset, lastEventTime);
  const now = Date.now();
  return alarms.map((alarm) => {
    if (alarm.state === 'CLEARED') return { ...alarm, quality: 'GOOD', lastDataAt: null };
    const lastDataAt = known.get(alarm.latest.asset) ?? null;
    const isCurrent = lastDataAt !== null && now - lastDataAt <= plant.staleAfter;
    return { ...alarm, quality: isCurrent ? 'GOOD' : 'UNCERTAIN', lastDataAt };
  });
}
