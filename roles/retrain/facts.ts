/** Reads the facts for the decision about retraining from the model registry and the database. */
import type { Pool } from 'pg';
import type { ProcessDefinition } from '../../processes/schema.ts';
import { holder } from '../../models/registry/entries.ts';
import { loadEntry } from '../../models/bundle/places.ts';
import type { ModelRegistry } from '../../models/registry/model-registry.ts';
import type { DriftFact, RetrainingFacts } from '../../models/registry/retraining-policy.ts';
import { newestDrift } from '../../sinks/timescale/queries/drift.ts';
import { lastPredictionOf } from '../../sinks/timescale/queries/predictions.ts';

export async function readFacts(
  registry: ModelRegistry,
  pool: Pool,
  { process, retraining }: ProcessDefinition,
  modelsFolder: string,
): Promise<RetrainingFacts> {
  const entries = await registry.entries(process);
  const champion = holder(entries, 'CHAMPION');
  const challenger = holder(entries, 'CHALLENGER');
  const present = Date.now();
  const until = champion && Date.parse(loadEntry(champion, modelsFolder).manifest.training.until);
  return {
    present,
    // The plant's event time: a model is not old just because old history is replayed.
    now: (champion && (await lastPredictionOf(pool, champion.bundle))) ?? present,
    champion: champion && until !== undefined ? { bundle: champion.bundle, until } : undefined,
    challenger: challenger && { bundle: challenger.bundle, since: challenger.eventTime },
    reports: champion === undefined ? [] : await reportsOf(pool, champion.bundle, retraining.on),
  };
}

const reportsPerAsset = 100;

async function reportsOf(
  pool: Pool,
  bundle: string,
  figure: ProcessDefinition['retraining']['on'],
): Promise<readonly DriftFact[]> {
  const reports = await newestDrift(pool, bundle, figure, reportsPerAsset);
  return reports.map(({ text, ...report }) => ({ ...report, text: text ?? '' }));
}
