/**
 * A source from a given time on. It runs from its beginning, but leaves out earlier readings and labels. So a simulation
 * that was stopped continues as the same plant. Earlier MES events are still given: they say which piece is on the asset
 * now, and repeated events change nothing.
 */
import type { Replayable, SourceRecord } from './source.ts';

/** @param from ms since the epoch, compared with the records' timestamps */
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
