SELECT create_hypertable('castwatch.shadow_predictions', 'event_time', chunk_time_interval => interval '7 days', create_default_indexes => false, migrate_data => true);
ALTER TABLE castwatch.shadow_predictions SET (timescaledb.compress, timescaledb.compress_segmentby = 'asset, target, role, bundle', timescaledb.compress_orderby = 'event_time');
SELECT add_compression_policy('castwatch.shadow_predictions', compress_created_before => interval '14 days');
SELECT add_job('castwatch.drop_old_chunks', interval '1 day', config => '{"table": "castwatch.shadow_predictions", "keep": "400 days"}');
