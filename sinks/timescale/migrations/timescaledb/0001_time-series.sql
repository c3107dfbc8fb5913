-- For servers with TimescaleDB: hypertables, compression, retention, continuous aggregates.
--
-- Compression and retention count from when a chunk was made, not from the times in it: history that is
-- replayed into the database today is neither compressed under the writer's hands nor dropped the next night.

SELECT create_hypertable('castwatch.validated_readings', 'event_time', chunk_time_interval => interval '1 day', create_default_indexes => false, migrate_data => true);
SELECT create_hypertable('castwatch.rejected_readings', 'event_time', chunk_time_interval => interval '7 days', create_default_indexes => false, migrate_data => true);
SELECT create_hypertable('castwatch.features', 'event_time', chunk_time_interval => interval '7 days', create_default_indexes => false, migrate_data => true);
SELECT create_hypertable('castwatch.predictions', 'event_time', chunk_time_interval => interval '7 days', create_default_indexes => false, migrate_data => true);

ALTER TABLE castwatch.validated_readings SET (timescaledb.compress, timescaledb.compress_segmentby = 'asset, tag', timescaledb.compress_orderby = 'event_time, source, sequence');
ALTER TABLE castwatch.rejected_readings SET (timescaledb.compress, timescaledb.compress_segmentby = 'asset', timescaledb.compress_orderby = 'event_time, source, sequence, input_partition, input_offset, ordinal');
ALTER TABLE castwatch.features SET (timescaledb.compress, timescaledb.compress_segmentby = 'asset', timescaledb.compress_orderby = 'event_time, feature_set');
ALTER TABLE castwatch.predictions SET (timescaledb.compress, timescaledb.compress_segmentby = 'asset, target', timescaledb.compress_orderby = 'event_time');

SELECT add_compression_policy('castwatch.validated_readings', compress_created_before => interval '7 days');
SELECT add_compression_policy('castwatch.rejected_readings', compress_created_before => interval '14 days');
SELECT add_compression_policy('castwatch.features', compress_created_before => interval '14 days');
SELECT add_compression_policy('castwatch.predictions', compress_created_before => interval '14 days');

-- Predictions, alerts, events and labels are kept: they are the record of what was said and found.
-- TimescaleDB's own retention policy counts by the times in a chunk only, hence a job of our own.
CREATE PROCEDURE castwatch.drop_old_chunks(job_id integer, config jsonb)
LANGUAGE plpgsql AS $$
BEGIN
  PERFORM drop_chunks((config ->> 'table')::regclass, created_before => now() - (config ->> 'keep')::interval);
END
$$;
SELECT add_job('castwatch.drop_old_chunks', interval '1 day', config => '{"table": "castwatch.validated_readings", "keep": "400 days"}');
SELECT add_job('castwatch.drop_old_chunks', interval '1 day', config => '{"table": "castwatch.features", "keep": "400 days"}');
SELECT add_job('castwatch.drop_old_chunks', interval '1 day', config => '{"table": "castwatch.rejected_readings", "keep": "90 days"}');

CREATE MATERIALIZED VIEW castwatch.readings_1m
WITH (timescaledb.continuous, timescaledb.materialized_only = false) AS
SELECT time_bucket(interval '1 minute', event_time) AS bucket,
       asset, tag,
       count(*) AS scans,
       count(*) FILTER (WHERE treatment <> 'MEASURED') AS repaired,
       avg(value) AS mean,
       min(value) AS minimum,
       max(value) AS maximum
  FROM castwatch.validated_readings
 GROUP BY 1, 2, 3
WITH NO DATA;

CREATE MATERIALIZED VIEW castwatch.predictions_5m
WITH (timescaledb.continuous, timescaledb.materialized_only = false) AS
SELECT time_bucket(interval '5 minutes', event_time) AS bucket,
       asset, target,
       count(*) AS predictions,
       count(*) FILTER (WHERE status <> 'OK') AS not_ok,
       avg(probability) AS mean_probability,
       max(probability) AS max_probability,
       avg(completeness) AS mean_completeness
  FROM castwatch.predictions
 GROUP BY 1, 2, 3
WITH NO DATA;

-- No start offset: whatever region was written to, however old, is refreshed (only what was, by the
-- invalidation log), so a backfill shows after the next run. Newer than the last run is computed on reading.
-- In one go: the default of ten buckets at a time walks through all of time on the first run.
SELECT add_continuous_aggregate_policy('castwatch.readings_1m', start_offset => NULL, end_offset => interval '1 minute', schedule_interval => interval '1 minute', buckets_per_batch => 0);
SELECT add_continuous_aggregate_policy('castwatch.predictions_5m', start_offset => NULL, end_offset => interval '5 minutes', schedule_interval => interval '1 minute', buckets_per_batch => 0);
