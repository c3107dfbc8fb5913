/** The value of each Avro topic, by the topic's id in the catalogue. */
import type { AvroTopicId } from './catalogue.ts';
import type {
  Alert,
  FeatureRow,
  MesEvent,
  Prediction,
  QualityLabel,
  RejectedReading,
  SensorReading,
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
  alerts: Alert;
}

export type ValueOf<T extends AvroTopicId> = TopicValues[T];
