/** The check at the end of `--until-done`, and the summary that is printed as one JSON line. */
import type { Pool } from 'pg';
import type { ProcessDefinition } from '../../processes/schema.ts';
import { CastwatchError } from '../../base/errors.ts';
import type { Malformed } from '../../base/malformed.ts';
import type { Kafka } from '../../roles/connections.ts';
import type { SourceRun } from '../../proof/ingress.ts';
import { whyNotReconciled, reconcile, type Reconciliation } from '../../proof/reconcile.ts';
import type { RunLatency } from './watch.ts';

export interface RunSummary extends Reconciliation {
  /** Input of the source that could not be read. */
  readonly malformed: Malformed;
  /** s from the first record published to the last row stored */
  readonly wallTimeSeconds: number;
  /** ms */
  readonly latency: RunLatency;
}

export interface CheckOptions {
  readonly kafka: Kafka;
  readonly pool: Pool;
  readonly definition: ProcessDefinition;
  readonly feed: SourceRun | undefined;
  readonly wallTimeSeconds: number;
  readonly latency: RunLatency;
  readonly modelsFolder: string;
}

export async function check({
  wallTimeSeconds,
  latency,
  feed,
  ...options
}: CheckOptions): Promise<RunSummary> {
  const feeds = feed === undefined ? {} : { feeds: [feed] };
  const result = await reconcile({ ...options, ...feeds });
  // The comparison has read the source again, so its counts are complete by now.
  const malformed = feed?.source.malformed?.() ?? {};
  return { ...result, malformed, wallTimeSeconds, latency };
}

/** @throws CastwatchError RECONCILIATION */
export function requireReconciled(summary: RunSummary): void {
  if (summary.reconciled) return;
  throw new CastwatchError(
    'RECONCILIATION',
    `The results do not reconcile: ${whyNotReconciled(summary).join('; ')}`,
    {
      remedy: 'See the JSON line on stdout for the numbers.',
    },
  );
}
