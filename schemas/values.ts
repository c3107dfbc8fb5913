/** The value of each Avro topic, by the topic's id in the catalogue. */
import type { AvroTopicId } from './catalogue.ts';
import type {
  Alert,
  BinnedRow,
  DriftReport,
  FeatureRow,
  JudgedPrediction,
  LiveQuality,
  MesEvent,
  ModelEntry,
  ModelEvent,
  Prediction,
  QualityLabel,
  RejectedReading,
  SensorReading,
  ShadowPrediction,
  ValidatedReading,
} from './generated/types.ts';

/** Checked against the catalogue by `ValueOf`: an Avro topic that is missing here does not compile. */
interface TopicValues {
  sensorReadings: SensorReading;
  mesEvents: MesEvent;
  qualityLabels: QualityLabel;
  validatedReadings: ValidatedReading;
  rejectedReadings: RejectedReading;
  features: FeatureRow;
  predictions: Prediction;
  shadowPredictions: ShadowPrediction;
  models: ModelEntry;
  modelEvents: ModelEvent;
  alerts: Alert;
  binnedRows: BinnedRow;
  drift: DriftReport;
  judgedPredictions: JudgedPrediction;
  liveQuality: LiveQuality;
}

export type ValueOf<T extends AvroTopicId> = TopicValues[T];
