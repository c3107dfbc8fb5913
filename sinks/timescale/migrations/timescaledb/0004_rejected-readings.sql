-- Findings are an ordinary table here too. Their event times are what a source says, however wrong: cut by these, a few
-- thousand late readings want as many chunks, and the server runs out of locks.
CREATE TABLE castwatch.rejected_readings_kept (LIKE castwatch.rejected_readings INCLUDING ALL);
ALTER TABLE castwatch.rejected_readings_kept ADD COLUMN stored_at timestamptz NOT NULL DEFAULT clock_timestamp();
INSERT INTO castwatch.rejected_readings_kept SELECT * FROM castwatch.rejected_readings;

SELECT delete_job(job_id)
  FROM timescaledb_information.jobs
 WHERE proc_schema = 'castwatch' AND proc_name = 'drop_old_chunks' AND config ->> 'table' = 'castwatch.rejected_readings';
DROP TABLE castwatch.rejected_readings;

ALTER TABLE castwatch.rejected_readings_kept RENAME TO rejected_readings;
ALTER INDEX castwatch.rejected_readings_kept_pkey RENAME TO rejected_readings_pkey;
ALTER INDEX castwatch.rejected_readings_kept_event_time_idx RENAME TO rejected_readings_by_time;
COMMENT ON TABLE castwatch.rejected_readings IS 'One row per finding of validation; tag is null when it is about the whole reading.';
CREATE INDEX rejected_readings_by_arrival ON castwatch.rejected_readings USING brin (stored_at) WITH (pages_per_range = 32, autosummarize = on);

CREATE PROCEDURE castwatch.forget_rejected_readings(job_id integer, config jsonb)
LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM castwatch.rejected_readings WHERE stored_at < now() - (config ->> 'keep')::interval;
END
$$;
SELECT add_job('castwatch.forget_rejected_readings', interval '1 day', config => '{"keep": "90 days"}');
