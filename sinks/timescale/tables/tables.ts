/** Every topic that is stored, with its table. */
import type { AvroTopicId } from '../../../schemas/catalogue.ts';
import type { ValueOf } from '../../../schemas/values.ts';
import { alerts } from './alerts.ts';
import type { RecordTable } from './columns.ts';
import { drift } from './drift.ts';
import { features } from './features.ts';
import { judgedPredictions } from './judged-predictions.ts';
import { liveQuality } from './live-quality.ts';
import { mesEvents } from './mes-events.ts';
import { modelEvents } from './model-events.ts';
import { models } from './models.ts';
import { predictions } from './predictions.ts';
import { qualityLabels } from './quality-labels.ts';
import { rejectedReadings } from './rejected-readings.ts';
import { shadowPredictions } from './shadow-predictions.ts';
import { validatedReadings } from './validated-readings.ts';

const byTopic = {
  validatedReadings,
  rejectedReadings,
  features,
  predictions,
  shadowPredictions,
  alerts,
  mesEvents,
  qualityLabels,
  models,
  modelEvents,
  drift,
  judgedPredictions,
  liveQuality,
} satisfies { readonly [T in AvroTopicId]?: RecordTable<ValueOf<T>> };

/** The topics that have a table. `sensor-readings` has none: each of them is a validated or a rejected one. */
export type SinkTopic = keyof typeof byTopic;

export const tables: { readonly [T in SinkTopic]: RecordTable<ValueOf<T>> } = byTopic;

const isSinkTopic = (topic: string): topic is SinkTopic => topic in byTopic;

export const sinkTopics: readonly SinkTopic[] = Object.keys(byTopic).filter(isSinkTopic);
