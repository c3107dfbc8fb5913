/** Which topic goes to which table, and how a record becomes rows. Pure; the oracle uses the same mapping. */
import type { AvroTopicId } from '../../../schemas/catalogue.ts';
import type { ValueOf } from '../../../schemas/values.ts';
import { canonicalJson, column, publishedAtColumn, type Row, type Table } from './columns.ts';
import { modelTables } from './model-tables.ts';
import { watchTables } from './watch-tables.ts';

/** The topics that have a table. `sensor-readings` has none: each of them is a validated or a rejected one. */
export const sinkTopics = [
  'validatedReadings',
  'rejectedReadings',
  'features',
  'predictions',
  'shadowPredictions',
  'alerts',
  'mesEvents',
  'qualityLabels',
  'models',
  'modelEvents',
  'drift',
  'judgedPredictions',
  'liveQuality',
] as const satisfies readonly AvroTopicId[];

export type SinkTopic = (typeof sinkTopics)[number];

export interface TopicTable<T extends SinkTopic> extends Table {
  /** @param publishedAt the Kafka record's timestamp, ms since the epoch */
  readonly rows: (record: ValueOf<T>, publishedAt: number) => readonly Row[];
}

export type TopicTables = { readonly [T in SinkTopic]: TopicTable<T> };

export const tables: TopicTables = {
  validatedReadings: {
    name: 'validated_readings',
    keyLength: 5,
    columns: [
      column('asset', 'text'),
      column('tag', 'text'),
      column('event_time', 'time'),
      column('source', 'text'),
      column('sequence', 'integer'),
      column('value', 'double'),
      column('quality', 'text'),
      column('treatment', 'text'),
      column('reason', 'text'),
      column('completeness', 'double'),
      column('out_of_order', 'boolean'),
    ],
    rows: ({ asset, eventTime, source, sequence, completeness, outOfOrder, measurements }) =>
      measurements.map(({ tag, value, quality, treatment, reason }) => [
        asset,
        tag,
        eventTime,
        source,
        sequence,
        value,
        quality,
        treatment,
        reason,
        completeness,
        outOfOrder,
      ]),
  },

  rejectedReadings: {
    name: 'rejected_readings',
    keyLength: 7,
    columns: [
      column('asset', 'text'),
      column('event_time', 'time'),
      column('source', 'text'),
      column('sequence', 'integer'),
      column('input_partition', 'integer'),
      column('input_offset', 'integer'),
      column('ordinal', 'integer'),
      column('dropped', 'boolean'),
      column('tag', 'text'),
      column('value', 'double'),
      column('reason', 'text'),
      column('treatment', 'text'),
      column('detail', 'text'),
    ],
    rows: ({ asset, eventTime, source, sequence, inputPartition, inputOffset, dropped, rejections }) =>
      rejections.map(({ tag, value, reason, treatment, detail }, ordinal) => [
        asset,
        eventTime,
        source,
        sequence,
        inputPartition,
        inputOffset,
        ordinal,
        dropped,
        tag,
        value,
        reason,
        treatment,
        detail,
      ]),
  },

  features: {
    name: 'features',
    keyLength: 3,
    columns: [
      column('asset', 'text'),
      column('event_time', 'time'),
      column('feature_set', 'text'),
      column('values', 'doubles'),
      column('completeness', 'double'),
      column('repaired', 'double'),
      column('piece', 'json'),
    ],
    rows: (row) => [
      [
        row.asset,
        row.eventTime,
        row.featureSet,
        row.values,
        row.completeness,
        row.repaired,
        canonicalJson(row.piece),
      ],
    ],
  },

  predictions: {
    name: 'predictions',
    keyLength: 3,
    columns: [
      column('asset', 'text'),
      column('event_time', 'time'),
      column('target', 'text'),
      column('status', 'text'),
      column('reason', 'text'),
      column('probability', 'double'),
      column('lower', 'double'),
      column('upper', 'double'),
      column('confidence', 'double'),
      column('threshold', 'double'),
      column('bundle', 'text'),
      column('feature_set', 'text'),
      column('completeness', 'double'),
      column('models', 'json'),
      column('contributions', 'json'),
      column('piece', 'json'),
      column('model_entry', 'integer'),
      column('classes', 'json'),
      publishedAtColumn,
    ],
    rows: (prediction, publishedAt) => [
      [
        prediction.asset,
        prediction.eventTime,
        prediction.target,
        prediction.status,
        prediction.reason,
        prediction.probability,
        prediction.lower,
        prediction.upper,
        prediction.confidence,
        prediction.threshold,
        prediction.bundle,
        prediction.featureSet,
        prediction.completeness,
        canonicalJson(prediction.models),
        canonicalJson(prediction.contributions),
        canonicalJson(prediction.piece),
        prediction.modelEntry,
        prediction.classes.length === 0 ? null : canonicalJson(prediction.classes),
        publishedAt,
      ],
    ],
  },

  alerts: {
    name: 'alerts',
    keyLength: 3,
    columns: [
      column('id', 'text'),
      column('step', 'integer'),
      column('event_time', 'time'),
      column('asset', 'text'),
      column('rule', 'text'),
      column('priority', 'text'),
      column('transition', 'text'),
      column('raised_at', 'time'),
      column('value', 'double'),
      column('peak', 'double'),
      column('limit', 'double'),
      column('message', 'text'),
      column('contributions', 'json'),
      column('bundle', 'text'),
      column('piece', 'json'),
      column('actor', 'text'),
      publishedAtColumn,
    ],
    rows: (alert, publishedAt) => [
      [
        alert.id,
        alert.step,
        alert.eventTime,
        alert.asset,
        alert.rule,
        alert.priority,
        alert.transition,
        alert.raisedAt,
        alert.value,
        alert.peak,
        alert.limit,
        alert.message,
        canonicalJson(alert.contributions),
        alert.bundle,
        canonicalJson(alert.piece),
        alert.actor,
        publishedAt,
      ],
    ],
  },

  mesEvents: {
    name: 'mes_events',
    keyLength: 4,
    columns: [
      column('asset', 'text'),
      column('event_time', 'time'),
      column('source', 'text'),
      column('sequence', 'integer'),
      column('type', 'text'),
      column('level', 'text'),
      column('id', 'text'),
      column('properties', 'json'),
    ],
    rows: ({ asset, eventTime, source, sequence, type, level, id, properties }) => [
      [asset, eventTime, source, sequence, type, level, id, canonicalJson(properties)],
    ],
  },

  qualityLabels: {
    name: 'quality_labels',
    keyLength: 6,
    columns: [
      column('asset', 'text'),
      column('event_time', 'time'),
      column('until', 'time'),
      column('target', 'text'),
      column('source', 'text'),
      column('found_at', 'time'),
      column('value', 'double'),
      column('defect', 'text'),
      column('piece', 'json'),
    ],
    rows: ({ asset, eventTime, until, target, source, foundAt, value, defect, piece }) => [
      [asset, eventTime, until, target, source, foundAt, value, defect, canonicalJson(piece)],
    ],
  },

  ...modelTables,
  ...watchTables,
};
