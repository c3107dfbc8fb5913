/**
 * Model watch: are the rows that the models are asked about still like those that they learnt from, and do
 * predictions come true as labels arrive.
 */
import { colours, type Dashboard, type Section, type Variable } from '../dashboard.ts';
import { coloured, rising, stat, table, timeSeries } from '../panels.ts';

const variables: readonly Variable[] = [
  {
    name: 'asset',
    label: 'Asset in detail',
    description: 'Assets with reports of drift in the time range.',
    sql: 'SELECT DISTINCT asset FROM castwatch.drift WHERE $__timeFilter(event_time) ORDER BY asset',
  },
];

const judgedTotals = `SELECT coalesce(sum(true_positives), 0) AS hits, coalesce(sum(false_positives), 0) AS false_alarms,
       coalesce(sum(false_negatives), 0) AS misses, coalesce(sum(true_negatives), 0) AS quiet,
       sum(sum_squared_error) AS squared
  FROM castwatch.quality_1h WHERE $__timeFilter(bucket)`;

const quality: Section = {
  title: 'Do predictions come true',
  panels: [
    stat({
      title: 'Precision',
      description:
        'Of the warnings whose label became known in the time range, the share that came true. All assets and models.',
      width: 4,
      height: 4,
      unit: 'percentunit',
      decimals: 1,
      sql: `SELECT hits::double precision / nullif(hits + false_alarms, 0) AS "precision" FROM (${judgedTotals}) AS total`,
      noValue: '–',
    }),
    stat({
      title: 'Recall',
      description: 'Of the defects that became known in the time range, the share that was warned of.',
      width: 4,
      height: 4,
      unit: 'percentunit',
      decimals: 1,
      sql: `SELECT hits::double precision / nullif(hits + misses, 0) AS "recall" FROM (${judgedTotals}) AS total`,
      noValue: '–',
    }),
    stat({
      title: 'Brier score',
      description: 'Mean squared difference of probability and label: 0 is perfect.',
      width: 4,
      height: 4,
      decimals: 3,
      sql: `SELECT squared / nullif(hits + false_alarms + misses + quiet, 0) AS "Brier score" FROM (${judgedTotals}) AS total`,
      noValue: '–',
    }),
    stat({
      title: 'Labels that judged nothing',
      description:
        'In the time range, by when they became known, with stretches of predictions that no label came for. The reasons are below.',
      width: 4,
      height: 4,
      sql: `SELECT coalesce(sum(not_judged), 0)::double precision AS "not judged" FROM castwatch.quality_1h WHERE $__timeFilter(bucket)`,
      noValue: '0',
    }),
    stat({
      title: 'Assets with drift',
      description:
        'Whose last report in the time range has a feature above what the process definition warns of.',
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
        'Of a feature, in the last report of any asset. By custom, below 0.1 is none and above 0.25 much.',
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
        'Of all assets together, for each window of the process definition that ended in the time range.',
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
        'Of what was judged in the time range: what was predicted, and what was found. The two should be alike.',
      width: 12,
      height: 8,
      sql: `SELECT width_bucket(probability, 0, 1.0000001, 10) / 10.0 - 0.1 AS "Probability from", count(*) AS "Cases",
       avg(probability) AS "Predicted", avg(label) AS "Found"
FROM castwatch.judged_predictions WHERE $__timeFilter(found_at) AND verdict <> 'NOT_JUDGED'
GROUP BY 1 ORDER BY 1`,
      overrides: [{ field: '/^(Predicted|Found)$/', properties: { unit: 'percentunit', decimals: 1 } }],
    }),
    table({
      title: 'By model',
      description: 'What was judged in the time range, by the models that had predicted it.',
      width: 12,
      height: 8,
      sql: `SELECT bundle AS "Models", sum(true_positives) AS "Hits", sum(false_positives) AS "False alarms",
       sum(false_negatives) AS "Misses", sum(true_negatives) AS "Rightly quiet",
       sum(true_positives)::double precision / nullif(sum(true_positives) + sum(false_positives), 0) AS "Precision",
       sum(true_positives)::double precision / nullif(sum(true_positives) + sum(false_negatives), 0) AS "Recall"
FROM castwatch.quality_1h WHERE $__timeFilter(bucket) AND bundle <> ''
GROUP BY bundle ORDER BY bundle`,
      overrides: [{ field: '/^(Precision|Recall)$/', properties: { unit: 'percentunit', decimals: 1 } }],
    }),
    table({
      title: 'What judged nothing',
      description: 'Labels without a prediction to judge, and predictions without a label.',
      width: 12,
      height: 8,
      sql: `SELECT reason AS "Reason", count(*) AS "Cases", sum(predictions) AS "Predictions", max(found_at) AS "Last"
FROM castwatch.judged_predictions WHERE $__timeFilter(found_at) AND verdict = 'NOT_JUDGED'
GROUP BY reason ORDER BY count(*) DESC`,
      noValue: 'Nothing',
    }),
  ],
};

const drift: Section = {
  title: 'Drift',
  panels: [
    timeSeries({
      title: 'Highest index by asset',
      description: 'Population stability index of the feature that has moved most, window by window.',
      width: 12,
      height: 8,
      min: 0,
      sql: `SELECT event_time AS "time", asset AS metric, max(worst) AS worst
FROM castwatch.drift WHERE $__timeFilter(event_time) AND status = 'OK'
GROUP BY 1, 2 ORDER BY 1`,
    }),
    timeSeries({
      title: 'Index of the probability, by asset',
      description: 'Do the models answer as they did on rows that they had not seen in training?',
      width: 12,
      height: 8,
      min: 0,
      sql: `SELECT event_time AS "time", asset AS metric, max(score) AS score
FROM castwatch.drift WHERE $__timeFilter(event_time) AND status = 'OK'
GROUP BY 1, 2 ORDER BY 1`,
    }),
    table({
      title: 'Where $asset has moved',
      description: 'In the last report of the time range, the strongest first.',
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
      title: 'Reports of $asset',
      description: 'Each window, and why there is no number where there is none.',
      width: 10,
      height: 9,
      sql: `SELECT event_time AS "Until", bundle AS "Models", rows AS "Rows", worst AS "Highest", score AS "Probability",
       drifted AS "Features above", chance AS "By chance", coalesce(reason, '') AS "Why not"
FROM castwatch.drift WHERE $__timeFilter(event_time) AND asset = \${asset:sqlstring}
ORDER BY event_time DESC LIMIT 100`,
      overrides: [{ field: '/^(Highest|Probability|By chance)$/', properties: { decimals: 2 } }],
    }),
  ],
};

export const modelWatch: Dashboard = {
  uid: 'castwatch-model-watch',
  title: 'Model watch',
  description: 'Do predictions come true, and are live rows like those of training.',
  refresh: '1m',
  from: 'now-24h',
  variables,
  annotations: [],
  sections: [quality, drift],
};
