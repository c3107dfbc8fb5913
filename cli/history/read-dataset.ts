/** Reads the history that the flags name into a data set, and reports progress. */
import { percent } from '../../base/text.ts';
import { collectDataset } from '../../models/data/collect-dataset.ts';
import type { Dataset } from '../../models/data/labelled-dataset.ts';
import type { TrueProbability } from '../../models/judging/judge-options.ts';
import type { ProcessDefinition } from '../../processes/schema.ts';
import { malformedText } from '../../base/malformed.ts';
import { openModelHistory, type HistoryFlags, type Purpose } from './model-history.ts';

/**
 * @throws CastwatchError INPUT when the history does not have both outcomes of the target; also as {@link openModelHistory}
 */
export async function readDataset(
  definition: ProcessDefinition,
  flags: HistoryFlags,
  purpose: Purpose,
  progress: (text: string) => void,
): Promise<{ readonly dataset: Dataset; readonly truth: TrueProbability | undefined }> {
  let reported = 0;
  const history = await openModelHistory(definition, flags, purpose, (share) => {
    if (share < reported + 0.1 && share < 1) return;
    if (share > reported) progress(`${percent(share, 0).padStart(5)}  reading history`);
    reported = share;
  });
  progress('reading history');
  try {
    const dataset = await collectDataset({ definition, records: history.source });
    return { dataset, truth: history.truth() };
  } finally {
    // This is reported also when no rows are left and an error is thrown.
    const text = malformedText(history.source.malformed?.() ?? {});
    if (text !== undefined) progress(`could not be read in the history: ${text}`);
    await history.close();
  }
}
