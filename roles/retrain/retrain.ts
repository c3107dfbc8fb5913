/**
 * Trains a challenger when drift or age requires it. It never promotes: people promote after `models compare` has
 * shown which of the two is better.
 */
import { join } from 'node:path';
import type { Pool } from 'pg';
import { loadBundle } from '../../models/bundle/bundle.ts';
import { collectDataset } from '../../models/data/collect-dataset.ts';
import type { Effort } from '../../models/learners/member-kind.ts';
import { assign } from '../../models/registry/decisions.ts';
import { holder } from '../../models/registry/entries.ts';
import { describeBundle } from '../../models/bundle/places.ts';
import { decideRetraining } from '../../models/registry/retraining-policy.ts';
import { readSettings } from '../../models/training/settings.ts';
import { train } from '../../models/training/train-bundle.ts';
import type { ProcessDefinition } from '../../processes/schema.ts';
import type { Kafka } from '../connections.ts';
import { topicHistory } from '../../sources/kept/topic.ts';
import { openRegistry } from '../open-registry.ts';
import { readFacts } from './facts.ts';
import { withLock } from './training-lock.ts';

export interface RetrainOptions {
  readonly kafka: Pick<Kafka, 'transport' | 'serde' | 'topics'>;
  readonly pool: Pool;
  readonly definition: ProcessDefinition;
  readonly modelsFolder: string;
  readonly seed: number;
  /** Train for this reason, whatever the policy decides. */
  readonly force?: string;
  readonly effort?: Effort;
  /** Called with the reason before the training begins. */
  readonly onStart?: (why: string) => void;
  readonly onProgress?: (what: string, share: number) => void;
}

export type Retrained =
  /** There is a new challenger. */
  | { readonly outcome: 'trained'; readonly bundle: string; readonly why: string }
  /** Training gave a bundle that is champion or challenger already. */
  | { readonly outcome: 'same'; readonly bundle: string; readonly why: string }
  | { readonly outcome: 'not-needed'; readonly why: string }
  /** Another instance is training. */
  | { readonly outcome: 'busy'; readonly why: string };

/** The value of `by` in the entries of challengers that this code assigns. */
const ourselves = 'castwatch retrainer';

export async function retrain(options: RetrainOptions): Promise<Retrained> {
  const { pool, definition } = options;
  const { process } = definition;
  const locked = await withLock(pool, `retrain ${process}`, () => retrainLocked(options));
  return locked.held
    ? locked.result
    : { outcome: 'busy', why: `another instance is training a challenger for ${process}` };
}

async function retrainLocked(options: RetrainOptions): Promise<Retrained> {
  const { kafka, pool, definition, modelsFolder, seed, force, effort, onStart, onProgress } = options;
  const { process, retraining } = definition;
  const registry = openRegistry(kafka);
  const facts = await readFacts(registry, pool, definition, modelsFolder);
  const decision = decideRetraining(definition, facts);
  if (!decision.retrain && force === undefined) return { outcome: 'not-needed', why: decision.why };
  const why = force ?? decision.why;
  onStart?.(why);

  const records = topicHistory(kafka, { since: facts.now - retraining.history });
  const dataset = await collectDataset({ definition, records });
  const out = join(modelsFolder, process);
  const { folder } = await train({
    definition,
    dataset,
    out,
    seed,
    settings: readSettings(out),
    ...(effort && { effort }),
    ...(onProgress && { onProgress }),
  });
  const bundle = loadBundle(folder);
  const { bundle: name } = bundle.manifest;
  const entries = await registry.entries(process);
  if ((['CHAMPION', 'CHALLENGER'] as const).some((role) => holder(entries, role)?.bundle === name))
    return { outcome: 'same', bundle: name, why };
  await assign(registry, process, 'CHALLENGER', describeBundle(bundle, modelsFolder), { by: ourselves, why });
  return { outcome: 'trained', bundle: name, why };
}
