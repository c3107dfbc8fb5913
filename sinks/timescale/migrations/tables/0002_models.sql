-- Which model had which role, since when, by whom and why; what instances made of it; what stood beside.

CREATE TABLE castwatch.models (
  process      text        NOT NULL,
  sequence     bigint      NOT NULL,
  role         text        NOT NULL,
  event_time   timestamptz NOT NULL,
  action       text        NOT NULL,
  bundle       text        NOT NULL,
  checksum     text        NOT NULL,
  feature_set  text        NOT NULL,
  location     text        NOT NULL,
  by           text        NOT NULL,
  why          text        NOT NULL,
  replaces     text        NOT NULL,
  restores     bigint,
  PRIMARY KEY (process, sequence)
);
COMMENT ON TABLE castwatch.models IS 'One row per entry of models.v1, for ever: from event_time on, bundle has the role in process (nobody, when empty).';
CREATE INDEX models_by_bundle ON castwatch.models (bundle, sequence);

-- Rights alone would not do: whoever owns a table may change it.
CREATE FUNCTION castwatch.refuse_change() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'castwatch.% is only ever added to', TG_TABLE_NAME
    USING ERRCODE = 'insufficient_privilege', HINT = 'To take a decision back, make another: castwatch models rollback.';
END
$$;
CREATE TRIGGER models_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON castwatch.models
  FOR EACH STATEMENT EXECUTE FUNCTION castwatch.refuse_change();

CREATE TABLE castwatch.model_events (
  process     text             NOT NULL,
  sequence    bigint           NOT NULL,
  kind        text             NOT NULL,
  instance    text             NOT NULL,
  event_time  timestamptz      NOT NULL,
  role        text             NOT NULL,
  bundle      text             NOT NULL,
  reason      text,
  load_ms     double precision NOT NULL,
  PRIMARY KEY (process, sequence, kind, instance, event_time)
);
COMMENT ON TABLE castwatch.model_events IS 'SERVING: this instance answers with the bundle from here on. REFUSED: it does not, and what answered before goes on.';
CREATE INDEX model_events_by_time ON castwatch.model_events (event_time DESC);

-- Null in rows from before models.v1 was followed.
ALTER TABLE castwatch.predictions ADD COLUMN model_entry bigint;
COMMENT ON COLUMN castwatch.predictions.model_entry IS 'models.sequence of the entry by which the bundle was champion; 0 when none was.';

CREATE TABLE castwatch.shadow_predictions (
  asset         text             NOT NULL,
  event_time    timestamptz      NOT NULL,
  target        text             NOT NULL,
  role          text             NOT NULL,
  bundle        text             NOT NULL,
  model_entry   bigint           NOT NULL,
  status        text             NOT NULL,
  reason        text,
  probability   double precision,
  lower         double precision,
  upper         double precision,
  confidence    double precision,
  threshold     double precision NOT NULL,
  feature_set   text             NOT NULL,
  completeness  double precision NOT NULL,
  models        jsonb            NOT NULL,
  piece         jsonb            NOT NULL,
  published_at  timestamptz      NOT NULL,
  stored_at     timestamptz      NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (asset, event_time, target, role, bundle)
);
COMMENT ON TABLE castwatch.shadow_predictions IS 'What challengers and shadows said of rows that the champion answered too.';
CREATE INDEX shadow_predictions_by_bundle ON castwatch.shadow_predictions (bundle, event_time DESC);

-- Which model was live on an asset at a time, who promoted it, and why: what answered last, and by which entry.
CREATE FUNCTION castwatch.model_live(of_asset text, at_time timestamptz)
RETURNS TABLE (asset text, predicted_at timestamptz, bundle text, process text, sequence bigint,
               action text, promoted_by text, promoted_at timestamptz, why text, replaces text)
LANGUAGE sql STABLE AS $$
  SELECT p.asset, p.event_time, p.bundle, m.process, m.sequence, m.action, m.by, m.event_time, m.why, m.replaces
    FROM (SELECT * FROM castwatch.predictions
           WHERE predictions.asset = of_asset AND predictions.event_time <= at_time
           ORDER BY predictions.event_time DESC LIMIT 1) p
    LEFT JOIN castwatch.models m ON m.bundle = p.bundle AND m.sequence = p.model_entry AND m.role = 'CHAMPION'
$$;

-- Who has which role now.
CREATE VIEW castwatch.model_current AS
SELECT * FROM (
  SELECT DISTINCT ON (m.process, m.role) m.* FROM castwatch.models m ORDER BY m.process, m.role, m.sequence DESC
) newest WHERE bundle <> '';
