-- The last transition of each alert, kept as a row of its own: to find it among all transitions takes longer with each alert.
-- A trigger keeps it, so that it is right whoever stores the transitions.
CREATE TABLE castwatch.alert_states (
  id             text             NOT NULL PRIMARY KEY,
  asset          text             NOT NULL,
  rule           text             NOT NULL,
  priority       text             NOT NULL,
  transition     text             NOT NULL,
  step           integer          NOT NULL,
  raised_at      timestamptz      NOT NULL,
  changed_at     timestamptz      NOT NULL,
  value          double precision NOT NULL,
  peak           double precision NOT NULL,
  "limit"        double precision NOT NULL,
  message        text             NOT NULL,
  contributions  jsonb            NOT NULL,
  bundle         text             NOT NULL,
  piece          jsonb            NOT NULL,
  actor          text,
  cleared_at     timestamptz
);
COMMENT ON TABLE castwatch.alert_states IS 'The last transition of each alert. A trigger on alerts keeps it; read it through alert_current and open_alerts.';
CREATE INDEX alert_states_by_raised ON castwatch.alert_states (raised_at DESC);
CREATE INDEX alert_states_by_asset ON castwatch.alert_states (asset, raised_at DESC);
CREATE INDEX alert_states_open ON castwatch.alert_states (raised_at DESC) WHERE transition <> 'CLEARED';

-- With the rights of its owner, so that a writer needs none on alert_states.
CREATE FUNCTION castwatch.keep_alert_states() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  INSERT INTO castwatch.alert_states AS kept
         (id, asset, rule, priority, transition, step, raised_at, changed_at, value, peak, "limit", message,
          contributions, bundle, piece, actor, cleared_at)
  SELECT DISTINCT ON (id)
         id, asset, rule, priority, transition, step, raised_at, event_time, value, peak, "limit", message,
         contributions, bundle, piece, actor, CASE WHEN transition = 'CLEARED' THEN event_time END
    FROM stored
   ORDER BY id, step DESC, event_time DESC
  ON CONFLICT (id) DO UPDATE
     SET (asset, rule, priority, transition, step, raised_at, changed_at, value, peak, "limit", message,
          contributions, bundle, piece, actor, cleared_at)
       = (excluded.asset, excluded.rule, excluded.priority, excluded.transition, excluded.step, excluded.raised_at,
          excluded.changed_at, excluded.value, excluded.peak, excluded."limit", excluded.message,
          excluded.contributions, excluded.bundle, excluded.piece, excluded.actor, excluded.cleared_at)
   WHERE kept.step <= excluded.step;
  RETURN NULL;
END
$$;
CREATE TRIGGER keep_alert_states AFTER INSERT ON castwatch.alerts
  REFERENCING NEW TABLE AS stored FOR EACH STATEMENT EXECUTE FUNCTION castwatch.keep_alert_states();

INSERT INTO castwatch.alert_states
SELECT DISTINCT ON (id)
       id, asset, rule, priority, transition, step, raised_at, event_time, value, peak, "limit", message,
       contributions, bundle, piece, actor, CASE WHEN transition = 'CLEARED' THEN event_time END
  FROM castwatch.alerts
 ORDER BY id, step DESC, event_time DESC;

CREATE OR REPLACE VIEW castwatch.alert_current AS
SELECT id, asset, rule, priority, transition, step, raised_at, changed_at,
       value, peak, "limit", message, contributions, bundle, piece, actor, cleared_at
  FROM castwatch.alert_states;

-- Deletes alerts whose clearing was stored longer ago than this. Open ones stay.
CREATE PROCEDURE castwatch.forget_alerts(keep interval)
LANGUAGE plpgsql AS $$
BEGIN
  WITH forgotten AS (
    DELETE FROM castwatch.alert_states s
     USING castwatch.alerts a
     WHERE a.id = s.id AND a.step = s.step AND s.transition = 'CLEARED' AND a.stored_at < now() - keep
    RETURNING s.id
  )
  DELETE FROM castwatch.alerts a USING forgotten WHERE a.id = forgotten.id;
END
$$;
