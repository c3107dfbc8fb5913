-- The same column as with TimescaleDB, so that old findings can be deleted by hand.
ALTER TABLE castwatch.rejected_readings ADD COLUMN stored_at timestamptz NOT NULL DEFAULT clock_timestamp();
CREATE INDEX rejected_readings_by_arrival ON castwatch.rejected_readings USING brin (stored_at) WITH (pages_per_range = 32, autosummarize = on);
