/** Every topic that is stored, with its table. */
import type { AvroTopicId } from '../../../schemas/catalogue.ts';
import type { ValueOf } from '../../../schemas/values.ts';
import { alertsTable } from './alerts.ts';
import type { RecordTable } from './columns.ts';
import { driftTable } from './drift.ts';
import { featuresTable } from './features.ts';
import { judgedPredictionsTable } from './judged-predictions.ts';
import { liveQualityTable } from './live-quality.ts';
import { mesEventsTable } from './mes-events.ts';
import { modelEventsTable } from './model-events.ts';
import { modelsTable } from './models.ts';
import { predictionsTable } from './predictions.ts';
import { qualityLabelsTable } from './quality-labels.ts';
import { rejectedReadingsTable } from './rejected-readings.ts';
import { shadowPredictionsTable } from './shadow-predictions.ts';
import { validatedReadingsTable } from './validated-readings.ts';

const byTopic = {
  validatedReadings: validatedReadingsTable,
  rejectedReadings: rejectedReadingsTable,
  features: featuresTable,
  predictions: predictionsTable,
  shadowPredictions: shadowPredictionsTable,
  alerts: alertsTable,
  mesEvents: mesEventsTable,
  qualityLabels: qualityLabelsTable,
  models: modelsTable,
  modelEvents: modelEventsTable,
  drift: driftTable,
  judgedPredictions: judgedPredictionsTable,
  liveQuality: liveQualityTable,
} satisfies { readonly [T in AvroTopicId]?: RecordTable<ValueOf<T>> };

/** The topics that have a table. `sensor-readings` has none: each of them is a validated or a rejected one. */
export type SinkTopic = keyof typeof byTopic;

export const tables: { readonly [T in SinkTopic]: RecordTable<ValueOf<T>> } = byTopic;

const isSinkTopic = (topic: string): topic is SinkTopic => topic in byTopic;

export const sinkTopics: readonly SinkTopic[] = Object.keys(byTopic).filter(isSinkTopic);
