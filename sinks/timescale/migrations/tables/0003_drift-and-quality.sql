-- How far live rows are from the training rows, and what became of predictions once labels told.

CREATE TABLE castwatch.drift (
  asset        text               NOT NULL,
  event_time   timestamptz        NOT NULL,
  bundle       text               NOT NULL,
  "from"       timestamptz        NOT NULL,
  feature_set  text               NOT NULL,
  rows         integer            NOT NULL,
  chance       double precision   NOT NULL,
  status       text               NOT NULL,
  reason       text,
  score        double precision,
  worst        double precision,
  drifted      integer            NOT NULL,
  psi          double precision[] NOT NULL,
  strongest    jsonb              NOT NULL,
  PRIMARY KEY (asset, event_time, bundle)
);
COMMENT ON TABLE castwatch.drift IS 'One row per asset and window: population stability indices against what the bundle was trained on.';
COMMENT ON COLUMN castwatch.drift.chance IS 'The index that so many rows show on average without any drift.';
COMMENT ON COLUMN castwatch.drift.psi IS 'In the order of feature_sets.names; empty unless status is OK.';
CREATE INDEX drift_by_time ON castwatch.drift (event_time DESC);

CREATE TABLE castwatch.judged_predictions (
  asset         text             NOT NULL,
  event_time    timestamptz      NOT NULL,
  until         timestamptz      NOT NULL,
  target        text             NOT NULL,
  source        text             NOT NULL,
  found_at      timestamptz      NOT NULL,
  verdict       text             NOT NULL,
  reason        text,
  label         double precision,
  defect        text,
  predictions   integer          NOT NULL,
  predicted_at  timestamptz,
  probability   double precision,
  threshold     double precision,
  bundle        text             NOT NULL,
  piece         jsonb            NOT NULL,
  PRIMARY KEY (asset, event_time, until, target, source, found_at)
);
COMMENT ON TABLE castwatch.judged_predictions IS 'One row per label, whether it judges a prediction or not, and one per stretch of predictions that no label came for.';
COMMENT ON COLUMN castwatch.judged_predictions.predicted_at IS 'Of the prediction that is judged: with asset and target the key of predictions.';
CREATE INDEX judged_predictions_by_found ON castwatch.judged_predictions (found_at DESC);

CREATE TABLE castwatch.live_quality (
  asset              text             NOT NULL,
  event_time         timestamptz      NOT NULL,
  bundle             text             NOT NULL,
  "from"             timestamptz      NOT NULL,
  current            boolean          NOT NULL,
  true_positives     integer          NOT NULL,
  false_positives    integer          NOT NULL,
  true_negatives     integer          NOT NULL,
  false_negatives    integer          NOT NULL,
  not_judged         jsonb            NOT NULL,
  "precision"        double precision,
  recall             double precision,
  brier              double precision,
  calibration_error  double precision,
  reason             text,
  calibration        jsonb            NOT NULL,
  sum_squared_error  double precision NOT NULL,
  PRIMARY KEY (asset, event_time, bundle)
);
COMMENT ON TABLE castwatch.live_quality IS 'One row per asset, bundle and window of the days on which labels became known; counts add up over assets.';
CREATE INDEX live_quality_by_time ON castwatch.live_quality (event_time DESC);

-- Each feature of each report by its name.
CREATE VIEW castwatch.drift_by_feature AS
SELECT d.asset, d.event_time, d.bundle, n.feature, d.psi[n.position] AS psi
  FROM castwatch.drift AS d
  JOIN castwatch.feature_sets AS f ON f.version = d.feature_set
 CROSS JOIN LATERAL unnest(f.names) WITH ORDINALITY AS n (feature, position)
 WHERE d.status = 'OK';

-- Judgements of all assets by the hour in which they became known, at once and not only when a window has ended.
CREATE VIEW castwatch.quality_1h AS
SELECT date_bin(interval '1 hour', found_at, timestamptz '2000-01-03 00:00:00+00') AS bucket,
       bundle, target,
       count(*) FILTER (WHERE verdict = 'TRUE_POSITIVE') AS true_positives,
       count(*) FILTER (WHERE verdict = 'FALSE_POSITIVE') AS false_positives,
       count(*) FILTER (WHERE verdict = 'TRUE_NEGATIVE') AS true_negatives,
       count(*) FILTER (WHERE verdict = 'FALSE_NEGATIVE') AS false_negatives,
       count(*) FILTER (WHERE verdict = 'NOT_JUDGED') AS not_judged,
       sum(probability) AS sum_probability,
       sum(label) FILTER (WHERE verdict <> 'NOT_JUDGED') AS positives,
       sum((probability - label) ^ 2) AS sum_squared_error
  FROM castwatch.judged_predictions
 GROUP BY 1, 2, 3;
