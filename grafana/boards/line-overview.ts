/**
 * Line overview: are readings arriving, are they good, what do the models say, which alarms are open; then one asset in detail.
 * Names of tags come from the `tags` table, which the process definition fills.
 */
import { colours, type Dashboard, type Section, type Variable } from '../dashboard.ts';
import { coloured, dashed, rising, stat, table, timeSeries } from '../panels.ts';

const variables: readonly Variable[] = [
  {
    name: 'process',
    label: 'Process',
    description: 'The process definition that names the tags.',
    sql: 'SELECT DISTINCT process FROM castwatch.tags ORDER BY process',
  },
  {
    name: 'asset',
    label: 'Asset in detail',
    description: 'Assets that have predictions in the time range.',
    sql: 'SELECT DISTINCT asset FROM castwatch.predictions WHERE $__timeFilter(event_time) ORDER BY asset',
  },
  {
    name: 'group',
    label: 'Signals',
    description: 'Groups of tags from the process definition.',
    sql: 'SELECT "group" FROM castwatch.tags WHERE process = ${process:sqlstring} GROUP BY "group" ORDER BY min(position)',
    multiple: true,
  },
];

/** SQL that writes a piece's levels and properties as text, such as `batch H4711, part S2`. */
const pieceText = (piece: string): string =>
  `(SELECT string_agg(key || ' ' || value, ', ' ORDER BY key) FROM jsonb_each_text(${piece}))`;

const scans = `(SELECT bucket, asset, max(scans) AS scans FROM castwatch.readings_1m WHERE $__timeFilter(bucket) GROUP BY bucket, asset)`;

const line: Section = {
  title: 'Line',
  panels: [
    stat({
      title: 'Scans per second',
      description: 'Readings of all assets that passed validation, averaged over the time range.',
      width: 4,
      height: 4,
      unit: 'short',
      decimals: 1,
      sql: `SELECT coalesce(sum(scans), 0)::double precision / (extract(epoch FROM max(bucket) - min(bucket)) + 60) AS "scans/s"
FROM ${scans} AS by_asset`,
      noValue: '0',
    }),
    stat({
      title: 'Predictions per minute',
      description: 'Predictions of all assets, averaged over the time range.',
      width: 4,
      height: 4,
      unit: 'short',
      decimals: 1,
      sql: `SELECT count(*) * 60.0 / greatest(60, extract(epoch FROM max(event_time) - min(event_time))) AS "predictions/min"
FROM castwatch.predictions WHERE $__timeFilter(event_time)`,
    }),
    stat({
      title: 'Open alarms',
      description: 'Open now, on all assets. Ignores the time range.',
      width: 4,
      height: 4,
      thresholds: rising(1, 5),
      sql: 'SELECT count(*) AS "open alarms" FROM castwatch.open_alerts',
    }),
    stat({
      title: 'Latency p99',
      description:
        'From the publication of the reading that completed a row of features to its prediction in this database. Not meaningful for replayed history.',
      width: 4,
      height: 4,
      unit: 's',
      decimals: 2,
      thresholds: rising(0.5, 2),
      sql: `SELECT percentile_cont(0.99) WITHIN GROUP (ORDER BY extract(epoch FROM stored_at - published_at)) AS "p99"
FROM castwatch.predictions WHERE $__timeFilter(event_time)`,
      noValue: '–',
    }),
    stat({
      title: 'Readings refused',
      description: 'Share of the readings that validation refused entirely. The reasons are below.',
      width: 4,
      height: 4,
      unit: 'percentunit',
      decimals: 2,
      thresholds: rising(0.01, 0.05),
      sql: `SELECT refused::double precision / nullif(refused + passed, 0) AS "refused"
FROM (SELECT count(DISTINCT (asset, event_time, source, sequence, input_partition, input_offset)) AS refused FROM castwatch.rejected_readings WHERE dropped AND $__timeFilter(event_time)) AS r,
     (SELECT coalesce(sum(scans), 0) AS passed FROM ${scans} AS by_asset) AS v`,
      noValue: '–',
    }),
    stat({
      title: 'Predictions not OK',
      description: 'Share of the predictions that are DEGRADED or UNAVAILABLE.',
      width: 4,
      height: 4,
      unit: 'percentunit',
      decimals: 2,
      thresholds: rising(0.01, 0.1),
      sql: `SELECT count(*) FILTER (WHERE status <> 'OK')::double precision / nullif(count(*), 0) AS "not OK"
FROM castwatch.predictions WHERE $__timeFilter(event_time)`,
      noValue: '–',
    }),
    timeSeries({
      title: 'Probability by asset',
      description: 'The highest probability in each interval.',
      width: 14,
      height: 8,
      unit: 'percentunit',
      min: 0,
      max: 1,
      sql: `SELECT $__timeGroupAlias(event_time, $__interval), asset AS metric, max(probability) AS probability
FROM castwatch.predictions WHERE $__timeFilter(event_time) AND probability IS NOT NULL
GROUP BY 1, 2 ORDER BY 1`,
    }),
    table({
      title: 'Open alarms',
      description: 'Newest first. Ignores the time range.',
      width: 10,
      height: 8,
      sql: `SELECT raised_at AS "Raised", priority AS "Priority", asset AS "Asset", message AS "What", transition AS "State",
       peak AS "Peak", "limit" AS "Limit", ${pieceText('piece')} AS "Piece"
FROM castwatch.open_alerts ORDER BY raised_at DESC LIMIT 100`,
      overrides: [{ field: '/^(Peak|Limit)$/', properties: { decimals: 2 } }],
      noValue: 'None',
    }),
  ],
};

const detail: Section = {
  title: '$asset',
  panels: [
    timeSeries({
      title: 'Probability of $asset',
      description:
        'With its interval, and the threshold that follows from the cost of misses and false alarms. Alarms are marked.',
      width: 16,
      height: 9,
      unit: 'percentunit',
      min: 0,
      max: 1,
      sql: `SELECT $__timeGroupAlias(event_time, $__interval), max(probability) AS "probability", max(lower) AS "lower",
       max(upper) AS "upper", max(threshold) AS "threshold"
FROM castwatch.predictions WHERE $__timeFilter(event_time) AND asset = \${asset:sqlstring}
GROUP BY 1 ORDER BY 1`,
      overrides: [
        coloured('probability', colours.blue, { 'custom.lineWidth': 2 }),
        coloured('lower', colours.sky, { 'custom.lineWidth': 0 }),
        coloured('upper', colours.sky, {
          'custom.lineWidth': 0,
          'custom.fillBelowTo': 'lower',
          'custom.fillOpacity': 20,
        }),
        coloured('threshold', colours.vermilion, dashed),
      ],
    }),
    timeSeries({
      title: 'Completeness',
      description:
        'Share of the scans and required tags that the longest window has, of those it should have. Below the definition’s minimum there is no prediction.',
      width: 8,
      height: 9,
      unit: 'percentunit',
      min: 0,
      max: 1,
      fill: 10,
      sql: `SELECT $__timeGroupAlias(event_time, $__interval), avg(completeness) AS "mean", min(completeness) AS "lowest"
FROM castwatch.predictions WHERE $__timeFilter(event_time) AND asset = \${asset:sqlstring}
GROUP BY 1 ORDER BY 1`,
      overrides: [coloured('mean', colours.green), coloured('lowest', colours.grey)],
    }),
    timeSeries({
      title: '$group',
      description:
        'Mean over each interval, repaired values included. Intervals of a minute or more use the minute aggregates.',
      width: 12,
      height: 8,
      repeat: 'group',
      sql: `SELECT $__timeGroupAlias(signal.at, $__interval), t.title || coalesce(' (' || nullif(t.unit, '') || ')', '') AS metric, avg(signal.value) AS value
FROM castwatch.tags AS t
JOIN (SELECT tag, event_time AS at, value FROM castwatch.validated_readings
       WHERE $__interval_ms < 60000 AND asset = \${asset:sqlstring} AND $__timeFilter(event_time)
      UNION ALL
      SELECT tag, bucket, mean FROM castwatch.readings_1m
       WHERE $__interval_ms >= 60000 AND asset = \${asset:sqlstring} AND $__timeFilter(bucket)) AS signal USING (tag)
WHERE t.process = \${process:sqlstring} AND t."group" IN (\${group:sqlstring}) AND signal.value IS NOT NULL
GROUP BY 1, 2 ORDER BY 1`,
    }),
  ],
};

/** The reasons that occur most, in colours that are easy to tell apart; the rest take Grafana's own. */
const reasonColours: Readonly<Record<string, string>> = {
  ABSENT: colours.grey,
  QUALITY: colours.orange,
  SENTINEL: colours.purple,
  RANGE: colours.vermilion,
  STUCK: colours.blue,
  RATE_OF_CHANGE: colours.sky,
  LATE: colours.green,
  DUPLICATE: colours.yellow,
};

const quality: Section = {
  title: 'Data quality and pieces of $asset',
  panels: [
    timeSeries({
      title: 'Findings by reason',
      description: 'What validation found wrong with complete readings or single tags.',
      width: 12,
      height: 8,
      bars: true,
      stacked: true,
      min: 0,
      sql: `SELECT $__timeGroupAlias(event_time, $__interval), reason AS metric, count(*) AS findings
FROM castwatch.rejected_readings WHERE $__timeFilter(event_time) AND asset = \${asset:sqlstring}
GROUP BY 1, 2 ORDER BY 1`,
      overrides: Object.entries(reasonColours).map(([reason, colour]) => coloured(reason, colour)),
    }),
    table({
      title: 'Findings by tag',
      description: 'In the time range, most frequent first. Without a tag: the complete reading.',
      width: 12,
      height: 8,
      sql: `SELECT tag AS "Tag", reason AS "Reason", treatment AS "Treatment", count(*) AS "Findings", max(event_time) AS "Last",
       (array_agg(detail ORDER BY event_time DESC))[1] AS "Last detail"
FROM castwatch.rejected_readings WHERE $__timeFilter(event_time) AND asset = \${asset:sqlstring}
GROUP BY tag, reason, treatment ORDER BY count(*) DESC LIMIT 100`,
    }),
    table({
      title: 'Alarms',
      description: 'Raised in the time range, open or cleared.',
      width: 12,
      height: 9,
      sql: `SELECT raised_at AS "Raised", cleared_at AS "Cleared", priority AS "Priority", rule AS "Rule", message AS "What",
       transition AS "State", peak AS "Peak", "limit" AS "Limit", ${pieceText('piece')} AS "Piece"
FROM castwatch.alert_current WHERE $__timeFilter(raised_at) AND asset = \${asset:sqlstring}
ORDER BY raised_at DESC LIMIT 200`,
      overrides: [{ field: '/^(Peak|Limit)$/', properties: { decimals: 2 } }],
    }),
    table({
      title: 'Pieces',
      description: 'The predictions while the piece was on the asset.',
      width: 12,
      height: 9,
      sql: `SELECT ${pieceText('piece')} AS "Piece", min(event_time) AS "From", max(event_time) AS "To",
       max(probability) AS "Highest probability", avg(probability) AS "Mean probability",
       count(*) FILTER (WHERE probability >= threshold)::double precision / count(*) AS "Above threshold"
FROM castwatch.predictions
WHERE $__timeFilter(event_time) AND asset = \${asset:sqlstring} AND piece <> '{}'
GROUP BY piece ORDER BY max(event_time) DESC LIMIT 200`,
      overrides: [
        {
          field: '/probability|threshold/',
          properties: { unit: 'percentunit', decimals: 1, min: 0, max: 1 },
        },
        {
          field: 'Highest probability',
          properties: {
            'custom.cellOptions': { type: 'gauge', mode: 'basic' },
            color: { mode: 'fixed', fixedColor: colours.blue },
          },
        },
      ],
    }),
    table({
      title: 'Bundles that answered',
      description:
        'Which bundles predicted for the asset in the time range, from when to when, who promoted each, and why.',
      width: 24,
      height: 6,
      sql: `SELECT p.bundle AS "Bundle", min(p.event_time) AS "From", max(p.event_time) AS "To", count(*) AS "Predictions",
       m.by AS "Promoted by", m.event_time AS "Decided", m.why AS "Why"
FROM castwatch.predictions p
LEFT JOIN castwatch.models m ON m.bundle = p.bundle AND m.sequence = p.model_entry AND m.role = 'CHAMPION'
WHERE $__timeFilter(p.event_time) AND p.asset = \${asset:sqlstring}
GROUP BY p.bundle, p.model_entry, m.by, m.event_time, m.why ORDER BY min(p.event_time) DESC LIMIT 100`,
    }),
  ],
};

export const lineOverview: Dashboard = {
  uid: 'castwatch-line-overview',
  title: 'Line overview',
  description: 'Are readings arriving, are they good, what do the models say, which alarms are open.',
  refresh: '5s',
  from: 'now-30m',
  variables,
  annotations: [
    {
      name: 'Alarms',
      colour: colours.vermilion,
      sql: `SELECT raised_at AS "time", coalesce(cleared_at, now()) AS "timeend", message AS "text", priority || ',' || rule AS "tags"
FROM castwatch.alert_current WHERE $__timeFilter(raised_at) AND asset = \${asset:sqlstring} ORDER BY raised_at`,
    },
    {
      name: 'Models',
      colour: colours.blue,
      sql: `SELECT event_time AS "time", event_time AS "timeend", bundle || ' is champion, by ' || by || ': ' || why AS "text", process || ',' || action AS "tags"
FROM castwatch.models WHERE $__timeFilter(event_time) AND role = 'CHAMPION' AND process = \${process:sqlstring} ORDER BY event_time`,
    },
  ],
  sections: [line, detail, quality],
};
