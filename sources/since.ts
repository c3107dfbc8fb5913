/**
 * A source from some moment on: it runs as from its beginning, but readings and labels from before are not handed
 * out. So a simulation that was stopped goes on as the same plant, not as another one. Events of pieces are handed
 * out all the same: they say what is on the asset now, and repeats of them change nothing.
 */
import type { Replayable, SourceRecord } from './source.ts';

/** @param from ms since the epoch, by the records' own timestamps */
export function since(source: Replayable, from: number): Replayable {
  const later = async function* (): AsyncGenerator<readonly SourceRecord[]> {
    for await (const batch of source) {
      const kept = batch.filter(({ topic, timestamp }) => topic === 'mesEvents' || timestamp >= from);
      if (kept.length > 0) yield kept;
    }
  };
  return {
    kind: 'replayable',
    name: source.name,
    progress: () => source.progress(),
    counts: () => source.counts(),
    malformed: () => source.malformed?.() ?? {},
    [Symbol.asyncIterator]: later,
  };
}
