/** What the decision about retraining stands on, from the registry and the database. */
import type { Pool } from 'pg';
import type { ProcessDefinition } from '../../processes/schema.ts';
import { holder } from '../../models/registry/entries.ts';
import { loadEntry } from '../../models/bundle/places.ts';
import type { ModelRegistry } from '../../models/registry/model-registry.ts';
import type { DriftFact, RetrainingFacts } from '../../models/registry/retraining-policy.ts';

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
    now: (champion && (await lastPrediction(pool, champion.bundle))) ?? present,
    champion: champion && until !== undefined ? { bundle: champion.bundle, until } : undefined,
    challenger: challenger && { bundle: challenger.bundle, since: challenger.eventTime },
    reports: champion === undefined ? [] : await reportsOf(pool, champion.bundle, retraining.on),
  };
}

/** The plant's clock: history that is replayed is not old. */
async function lastPrediction(pool: Pool, bundle: string): Promise<number | undefined> {
  const { rows } = await pool.query<{ time: Date }>(
    'SELECT event_time AS time FROM castwatch.predictions WHERE bundle = $1 ORDER BY event_time DESC LIMIT 1',
    [bundle],
  );
  return rows[0]?.time.getTime();
}

const reportsPerAsset = 100;

async function reportsOf(
  pool: Pool,
  bundle: string,
  figure: ProcessDefinition['retraining']['on'],
): Promise<readonly DriftFact[]> {
  const { rows } = await pool.query<{ asset: string; time: Date; index: number | null; text: string | null }>(
    `SELECT asset, event_time AS time, ${figure} AS index, strongest -> 0 ->> 'text' AS text
       FROM (SELECT *, row_number() OVER (PARTITION BY asset ORDER BY event_time DESC) AS place
               FROM castwatch.drift WHERE bundle = $1) AS report
      WHERE place <= $2`,
    [bundle, reportsPerAsset],
  );
  return rows.map(({ asset, time, index, text }) => ({
    asset,
    eventTime: time.getTime(),
    index,
    text: text ?? '',
  }));
}
