/**
 * Finds the bundle that answered each row, and opens it to ask it again. The data does not say when a model was swapped,
 * so the oracle takes the answering bundle from each prediction. It then checks that the model registry had made that
 * bundle champion (or challenger, or shadow), and that the bundle gives exactly this answer for the row.
 */
import { isFit, rowShapeOf } from '../models/bundle/row-shape.ts';
import { createPredictor, type OpenPredictor } from '../models/serving/bundle-predictor.ts';
import { holder, type Entries } from '../models/registry/entries.ts';
import { loadEntry } from '../models/bundle/places.ts';
import type { ProcessDefinition } from '../processes/schema.ts';
import type { Models, Placed, PlacedBeside } from '../processors/predict/predictor.ts';
import type { FeatureRow, ModelEntry } from '../schemas/generated/types.ts';
import type { Kafka } from '../roles/connections.ts';
import { openRegistry } from '../roles/open-registry.ts';
import { decodeTopic } from './read-topic.ts';

export interface Answerers {
  /** The models that answered the row; for a row without a prediction, the current champion. */
  of(row: FeatureRow): Models;
  /** Entries of the model registry, oldest first. */
  readonly entries: Entries;
  /** One sentence per answer by a bundle that the model registry had not put there. */
  readonly strangers: readonly string[];
  close(): Promise<void>;
}

export async function openAnswerers(
  kafka: Pick<Kafka, 'transport' | 'serde' | 'topics'>,
  definition: ProcessDefinition,
  root: string,
): Promise<Answerers> {
  const { process } = definition;
  const rows = rowShapeOf(definition);
  const entries = await openRegistry(kafka).entries(process);
  const bySequence = new Map(entries.map((entry) => [entry.sequence, entry]));
  const open = new Map<string, OpenPredictor>();
  const models = new Map<string, Models>();
  const champions = new Map<string, number>();
  const beside = new Map<string, number[]>();
  const strangers: string[] = [];

  /** The entry that answered; 0 if the model registry has no such entry: the oracle then answers the row without a model. */
  function entryOf(role: string, { modelEntry, bundle, asset, eventTime }: Said): number {
    if (modelEntry === 0 && bundle === '') return 0;
    const entry = bySequence.get(modelEntry);
    if (entry?.bundle === bundle && entry.role === role) return modelEntry;
    strangers.push(
      `${bundle || 'no bundle'} answered ${asset} at ${new Date(eventTime).toISOString()} as ${role} by entry ${modelEntry}, but the model registry has no such entry for this bundle and role`,
    );
    return 0;
  }

  const { transport, topics, serde } = kafka;
  for await (const batch of decodeTopic(transport, topics.predictions, serde.codec('predictions')))
    for (const { value } of batch)
      if (value !== null) champions.set(keyOf(value), entryOf('CHAMPION', value));
  for await (const batch of decodeTopic(
    transport,
    topics.shadowPredictions,
    serde.codec('shadowPredictions'),
  ))
    for (const { value } of batch) {
      if (value === null) continue;
      const sequence = entryOf(value.role, value);
      const known = beside.get(keyOf(value)) ?? [];
      if (sequence > 0 && !known.includes(sequence)) beside.set(keyOf(value), [...known, sequence]);
    }

  const fallback = holder(entries, 'CHAMPION')?.sequence ?? 0;
  for (const sequence of new Set([fallback, ...champions.values(), ...[...beside.values()].flat()])) {
    const entry = bySequence.get(sequence);
    if (entry === undefined || open.has(entry.bundle)) continue;
    const bundle = loadEntry(entry, root);
    const predictor = createPredictor(isFit(bundle, rows) ? { entry, root, rows } : bundle);
    open.set(entry.bundle, await predictor);
  }

  const place = (sequence: number): PlacedAs | undefined => {
    const entry = bySequence.get(sequence);
    const predictor = open.get(entry?.bundle ?? '');
    return entry && predictor && { predictor, entry: sequence, role: entry.role };
  };
  return {
    of(row) {
      const champion = champions.get(keyOf(row)) ?? fallback;
      const others = beside.get(keyOf(row)) ?? [];
      const key = `${champion} ${others.join(' ')}`;
      let found = models.get(key);
      if (found === undefined) {
        found = { champion: place(champion), beside: others.flatMap((each) => besideOf(place(each))) };
        models.set(key, found);
      }
      return found;
    },
    entries,
    strangers,
    async close() {
      for (const predictor of open.values()) await predictor.close();
    },
  };
}

interface Said {
  readonly asset: string;
  readonly eventTime: number;
  readonly bundle: string;
  readonly modelEntry: number;
}

const keyOf = ({ asset, eventTime }: Pick<Said, 'asset' | 'eventTime'>): string => `${asset} ${eventTime}`;

type PlacedAs = Placed & { readonly role: ModelEntry['role'] };

const besideOf = (placed: PlacedAs | undefined): PlacedBeside[] =>
  placed?.role === 'CHALLENGER' || placed?.role === 'SHADOW' ? [{ ...placed, role: placed.role }] : [];
