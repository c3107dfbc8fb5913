/**
 * The board "Model watch": whether predictions come true as labels arrive, and whether live rows still resemble the training
 * rows.
 */
import { colours, type Dashboard, type Section, type Variable } from '../dashboard.ts';
import { coloured, rising, stat, table, timeSeries } from '../panels.ts';

const variables: readonly Variable[] = [
  {
    name: 'asset',
    label: 'Asset in detail',
    description: 'Assets that have drift reports in the time range.',
    sql: 'SELECT DISTINCT asset FROM castwatch.drift WHERE $__timeFilter(event_time) ORDER BY asset',
  },
];

const judgedTotals = `SELECT coalesce(sum(true_positives), 0) AS hits, coalesce(sum(false_positives), 0) AS false_alarms,
       coalesce(sum(false_negatives), 0) AS misses, coalesce(sum(true_negatives), 0) AS quiet,
       sum(sum_squared_error) AS squared
  FROM castwatch.quality_1h WHERE $__timeFilter(bucket)`;

const quality: Section = {
  title: 'Live quality',
  panels: [
    stat({
      title: 'Precision',
      description:
        'Share of the warnings that came true, of all whose label became known in the time range. All assets and bundles.',
      width: 4,
      height: 4,
      unit: 'percentunit',
      decimals: 1,
      sql: `SELECT hits::double precision / nullif(hits + false_alarms, 0) AS "precision" FROM (${judgedTotals}) AS total`,
      noValue: '–',
    }),
    stat({
      title: 'Recall',
      description: 'Share of the defects that had a warning, of all that became known in the time range.',
      width: 4,
      height: 4,
      unit: 'percentunit',
      decimals: 1,
      sql: `SELECT hits::double precision / nullif(hits + misses, 0) AS "recall" FROM (${judgedTotals}) AS total`,
      noValue: '–',
    }),
    stat({
      title: 'Brier score',
      description: 'Mean squared difference between probability and label: 0 is perfect.',
      width: 4,
      height: 4,
      decimals: 3,
      sql: `SELECT squared / nullif(hits + false_alarms + misses + quiet, 0) AS "Brier score" FROM (${judgedTotals}) AS total`,
      noValue: '–',
    }),
    stat({
      title: 'Not judged',
      description:
        'Labels without a prediction to judge, by when they became known, and predictions for which no label came. The reasons are below.',
      width: 4,
      height: 4,
      sql: `SELECT coalesce(sum(not_judged), 0)::double precision AS "not judged" FROM castwatch.quality_1h WHERE $__timeFilter(bucket)`,
      noValue: '0',
    }),
    stat({
      title: 'Assets with drift',
      description:
        'Assets whose last drift report in the time range has a feature above the limit in the process definition.',
      width: 4,
      height: 4,
      thresholds: rising(1, 3),
      sql: `SELECT count(*) FILTER (WHERE drifted > 0)::double precision AS "assets"
FROM (SELECT DISTINCT ON (asset) asset, drifted FROM castwatch.drift WHERE $__timeFilter(event_time) ORDER BY asset, event_time DESC) AS last`,
      noValue: '0',
    }),
    stat({
      title: 'Highest drift index',
      description:
        'The highest index of a feature in the last report of any asset. As a rule of thumb, below 0.1 is no drift and above 0.25 is strong drift.',
      width: 4,
      height: 4,
      decimals: 2,
      thresholds: rising(0.1, 0.25),
      sql: `SELECT max(worst) AS "index"
FROM (SELECT DISTINCT ON (asset) asset, worst FROM castwatch.drift WHERE $__timeFilter(event_time) AND status = 'OK' ORDER BY asset, event_time DESC) AS last`,
      noValue: '–',
    }),
    timeSeries({
      title: 'Precision and recall by window',
      description:
        'For all assets together. One point per window of the process definition that ended in the time range.',
      width: 12,
      height: 8,
      unit: 'percentunit',
      min: 0,
      max: 1,
      sql: `SELECT event_time AS "time",
       sum(true_positives)::double precision / nullif(sum(true_positives) + sum(false_positives), 0) AS "precision",
       sum(true_positives)::double precision / nullif(sum(true_positives) + sum(false_negatives), 0) AS "recall"
FROM castwatch.live_quality WHERE $__timeFilter(event_time) AND current
GROUP BY 1 ORDER BY 1`,
      overrides: [coloured('precision', colours.blue), coloured('recall', colours.orange)],
    }),
    table({
      title: 'Calibration',
      description:
        'Mean predicted probability and share of defects found, for predictions judged in the time range. The two should be about equal.',
      width: 12,
      height: 8,
      sql: `SELECT width_bucket(probability, 0, 1.0000001, 10) / 10.0 - 0.1 AS "Probability from", count(*) AS "Cases",
       avg(probability) AS "Predicted", avg(label) AS "Found"
FROM castwatch.judged_predictions WHERE $__timeFilter(found_at) AND verdict <> 'NOT_JUDGED'
GROUP BY 1 ORDER BY 1`,
      overrides: [{ field: '/^(Predicted|Found)$/', properties: { unit: 'percentunit', decimals: 1 } }],
    }),
    table({
      title: 'By bundle',
      description: 'Predictions judged in the time range, by the bundle that answered.',
      width: 12,
      height: 8,
      sql: `SELECT bundle AS "Bundle", sum(true_positives) AS "Hits", sum(false_positives) AS "False alarms",
       sum(false_negatives) AS "Misses", sum(true_negatives) AS "Correctly no warning",
       sum(true_positives)::double precision / nullif(sum(true_positives) + sum(false_positives), 0) AS "Precision",
       sum(true_positives)::double precision / nullif(sum(true_positives) + sum(false_negatives), 0) AS "Recall"
FROM castwatch.quality_1h WHERE $__timeFilter(bucket) AND bundle <> ''
GROUP BY bundle ORDER BY bundle`,
      overrides: [{ field: '/^(Precision|Recall)$/', properties: { unit: 'percentunit', decimals: 1 } }],
    }),
    table({
      title: 'Not judged, by reason',
      description: 'Labels without a prediction to judge, and predictions without a label.',
      width: 12,
      height: 8,
      sql: `SELECT reason AS "Reason", count(*) AS "Cases", sum(predictions) AS "Predictions", max(found_at) AS "Last"
FROM castwatch.judged_predictions WHERE $__timeFilter(found_at) AND verdict = 'NOT_JUDGED'
GROUP BY reason ORDER BY count(*) DESC`,
      noValue: 'None',
    }),
  ],
};

const drift: Section = {
  title: 'Drift',
  panels: [
    timeSeries({
      title: 'Highest index by asset',
      description: 'Population stability index of the feature that drifted most, per window.',
      width: 12,
      height: 8,
      min: 0,
      sql: `SELECT event_time AS "time", asset AS metric, max(worst) AS worst
FROM castwatch.drift WHERE $__timeFilter(event_time) AND status = 'OK'
GROUP BY 1, 2 ORDER BY 1`,
    }),
    timeSeries({
      title: 'Index of the probability, by asset',
      description: 'Compares live probabilities with those on rows that the models had not seen in training.',
      width: 12,
      height: 8,
      min: 0,
      sql: `SELECT event_time AS "time", asset AS metric, max(score) AS score
FROM castwatch.drift WHERE $__timeFilter(event_time) AND status = 'OK'
GROUP BY 1, 2 ORDER BY 1`,
    }),
    table({
      title: 'Strongest drift of $asset',
      description: 'Features in the last report of the time range, the strongest drift first.',
      width: 14,
      height: 9,
      sql: `SELECT moved ->> 'text' AS "What", (moved ->> 'psi')::double precision AS "Index"
FROM (SELECT strongest FROM castwatch.drift
       WHERE $__timeFilter(event_time) AND asset = \${asset:sqlstring} AND status = 'OK' ORDER BY event_time DESC LIMIT 1) AS last,
     jsonb_array_elements(last.strongest) WITH ORDINALITY AS each (moved, place)
ORDER BY place`,
      overrides: [{ field: 'Index', properties: { decimals: 2 } }],
    }),
    table({
      title: 'Drift reports of $asset',
      description: 'One report per window. If it has no index, the last column says why.',
      width: 10,
      height: 9,
      sql: `SELECT event_time AS "Until", bundle AS "Bundle", rows AS "Rows", worst AS "Highest index", score AS "Index of probability",
       drifted AS "Features above limit", chance AS "Index by chance", coalesce(reason, '') AS "Why no index"
FROM castwatch.drift WHERE $__timeFilter(event_time) AND asset = \${asset:sqlstring}
ORDER BY event_time DESC LIMIT 100`,
      overrides: [
        { field: '/^(Highest index|Index of probability|Index by chance)$/', properties: { decimals: 2 } },
      ],
    }),
  ],
};

export const modelWatch: Dashboard = {
  uid: 'castwatch-model-watch',
  title: 'Model watch',
  description: 'Shows whether predictions come true, and whether live rows still resemble the training rows.',
  refresh: '1m',
  from: 'now-24h',
  variables,
  annotations: [],
  sections: [quality, drift],
};
