-- Tables are named as their topics, columns as the records' fields.
-- Every primary key is made of the data, so that a record stored twice is stored once,
-- and contains the time column, as hypertables ask.

CREATE TABLE castwatch.validated_readings (
  asset         text             NOT NULL,
  tag           text             NOT NULL,
  event_time    timestamptz      NOT NULL,
  source        text             NOT NULL,
  sequence      bigint           NOT NULL,
  value         double precision,
  quality       text             NOT NULL,
  treatment     text             NOT NULL,
  reason        text,
  completeness  double precision NOT NULL,
  out_of_order  boolean          NOT NULL,
  PRIMARY KEY (asset, tag, event_time, source, sequence)
);
COMMENT ON TABLE castwatch.validated_readings IS 'One row per tag of each reading that may be trusted; repairs are flagged in treatment and reason.';
COMMENT ON COLUMN castwatch.validated_readings.completeness IS 'Of the whole reading: share of the required tags with a measured value, 0 to 1.';

CREATE TABLE castwatch.rejected_readings (
  asset            text             NOT NULL,
  event_time       timestamptz      NOT NULL,
  source           text             NOT NULL,
  sequence         bigint           NOT NULL,
  input_partition  integer          NOT NULL,
  input_offset     bigint           NOT NULL,
  ordinal          integer          NOT NULL,
  dropped          boolean          NOT NULL,
  tag              text,
  value            double precision,
  reason           text             NOT NULL,
  treatment        text             NOT NULL,
  detail           text             NOT NULL,
  PRIMARY KEY (asset, event_time, source, sequence, input_partition, input_offset, ordinal)
);
COMMENT ON TABLE castwatch.rejected_readings IS 'One row per finding of validation; tag is null when it is about the whole reading.';
CREATE INDEX rejected_readings_by_time ON castwatch.rejected_readings (event_time DESC);

CREATE TABLE castwatch.features (
  asset         text               NOT NULL,
  event_time    timestamptz        NOT NULL,
  feature_set   text               NOT NULL,
  "values"      double precision[] NOT NULL,
  completeness  double precision   NOT NULL,
  repaired      double precision   NOT NULL,
  piece         jsonb              NOT NULL,
  PRIMARY KEY (asset, event_time, feature_set)
);
COMMENT ON COLUMN castwatch.features."values" IS 'In the order of feature_sets.names; NaN is missing.';

CREATE TABLE castwatch.predictions (
  asset          text             NOT NULL,
  event_time     timestamptz      NOT NULL,
  target         text             NOT NULL,
  status         text             NOT NULL,
  reason         text,
  probability    double precision,
  lower          double precision,
  upper          double precision,
  confidence     double precision,
  threshold      double precision NOT NULL,
  bundle         text             NOT NULL,
  feature_set    text             NOT NULL,
  completeness   double precision NOT NULL,
  models         jsonb            NOT NULL,
  contributions  jsonb            NOT NULL,
  piece          jsonb            NOT NULL,
  published_at   timestamptz      NOT NULL,
  stored_at      timestamptz      NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (asset, event_time, target)
);
COMMENT ON COLUMN castwatch.predictions.published_at IS 'The timestamp of the Kafka record.';
CREATE INDEX predictions_by_time ON castwatch.predictions (event_time DESC);

CREATE TABLE castwatch.alerts (
  id             text             NOT NULL,
  step           integer          NOT NULL,
  event_time     timestamptz      NOT NULL,
  asset          text             NOT NULL,
  rule           text             NOT NULL,
  priority       text             NOT NULL,
  transition     text             NOT NULL,
  raised_at      timestamptz      NOT NULL,
  value          double precision NOT NULL,
  peak           double precision NOT NULL,
  "limit"        double precision NOT NULL,
  message        text             NOT NULL,
  contributions  jsonb            NOT NULL,
  bundle         text             NOT NULL,
  piece          jsonb            NOT NULL,
  actor          text,
  published_at   timestamptz      NOT NULL,
  stored_at      timestamptz      NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (id, step, event_time)
);
COMMENT ON TABLE castwatch.alerts IS 'One row per transition in the life of an alert (ISA-18.2).';
CREATE INDEX alerts_by_raised ON castwatch.alerts (raised_at DESC);

CREATE TABLE castwatch.mes_events (
  asset       text        NOT NULL,
  event_time  timestamptz NOT NULL,
  source      text        NOT NULL,
  sequence    bigint      NOT NULL,
  type        text        NOT NULL,
  level       text        NOT NULL,
  id          text        NOT NULL,
  properties  jsonb       NOT NULL,
  PRIMARY KEY (asset, event_time, source, sequence)
);

CREATE TABLE castwatch.quality_labels (
  asset       text             NOT NULL,
  event_time  timestamptz      NOT NULL,
  until       timestamptz      NOT NULL,
  target      text             NOT NULL,
  source      text             NOT NULL,
  found_at    timestamptz      NOT NULL,
  value       double precision NOT NULL,
  defect      text,
  piece       jsonb            NOT NULL,
  PRIMARY KEY (asset, event_time, until, target, source, found_at)
);

-- What the process definition says, so that boards and people find tags and features by name.
CREATE TABLE castwatch.tags (
  process      text             NOT NULL,
  tag          text             NOT NULL,
  position     integer          NOT NULL,
  title        text             NOT NULL,
  unit         text             NOT NULL,
  "group"      text             NOT NULL,
  normal_low   double precision NOT NULL,
  normal_high  double precision NOT NULL,
  PRIMARY KEY (process, tag)
);

CREATE TABLE castwatch.feature_sets (
  version  text   NOT NULL PRIMARY KEY,
  process  text   NOT NULL,
  names    text[] NOT NULL
);

-- How far each sink has stored each partition. The row is the fence: a batch moves next_offset on from where
-- it began, under the epoch of the claim, or it is not stored at all.
CREATE TABLE castwatch.sink_offsets (
  sink         text        NOT NULL,
  topic        text        NOT NULL,
  partition    integer     NOT NULL,
  next_offset  bigint      NOT NULL,
  epoch        bigint      NOT NULL,
  updated_at   timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (sink, topic, partition)
);

-- The last word on each alert.
CREATE VIEW castwatch.alert_current AS
SELECT DISTINCT ON (a.id)
       a.id, a.asset, a.rule, a.priority, a.transition, a.step, a.raised_at, a.event_time AS changed_at,
       a.value, a.peak, a."limit", a.message, a.contributions, a.bundle, a.piece, a.actor,
       CASE WHEN a.transition = 'CLEARED' THEN a.event_time END AS cleared_at
  FROM castwatch.alerts a
 ORDER BY a.id, a.step DESC;

CREATE VIEW castwatch.open_alerts AS
SELECT * FROM castwatch.alert_current WHERE transition <> 'CLEARED';
