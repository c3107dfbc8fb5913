/** Every topic that is stored, with its table. */
import type { StoredTopic } from '../../../schemas/catalogue.ts';
import type { ValueOf } from '../../../schemas/values.ts';
import { alertsTable } from './alerts.ts';
import type { RecordTable } from '../columns/define-table.ts';
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

/** One table for each topic that the catalogue says is stored; one that is missing here does not compile. */
export const tables: { readonly [T in StoredTopic]: RecordTable<ValueOf<T>> } = {
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
};
