/** Asks the gateway what stands still, and says it at the top of the page. */
import type { StandstillView } from '../shared/messages.ts';
import { moment } from './format.ts';

const askEvery = 5_000;

/** Returns null when nothing stands still. */
export function standstillText(standstills: readonly StandstillView[], now: number): string | null {
  if (standstills.length === 0) return null;
  const [first, ...others] = [...standstills].sort((one, other) => one.since - other.since);
  if (first === undefined) return null;
  const { step, topic, partition, since, why } = first;
  const more = others.map((each) => `${each.step} at ${each.topic}/${each.partition}`).join(', ');
  return (
    `Stands still since ${moment(since, now)}: ${step} at ${topic}/${partition}, because ${why}. ` +
    (more === '' ? '' : `Also: ${more}. `) +
    'Data of the assets in these partitions is missing. Run “castwatch breaker list”.'
  );
}

/** @param show gets the text, or null */
export function followStandstills(show: (text: string | null) => void): void {
  const ask = async (): Promise<void> => {
    try {
      const response = await fetch('/v1/standstills');
      if (!response.ok) return;
      const { standstills } = (await response.json()) as { standstills: readonly StandstillView[] };
      show(standstillText(standstills, Date.now()));
    } catch {
      // The page says elsewhere that the gateway does not answer. What is shown stays.
    }
  };
  void ask();
  setInterval(() => void ask(), askEvery);
}
