-- For servers without TimescaleDB: the same names as ordinary views. No compression and no retention here.

-- Aligned as TimescaleDB's is: to Monday, 3 January 2000, UTC. For widths up to weeks.
CREATE FUNCTION public.time_bucket(bucket_width interval, ts timestamptz) RETURNS timestamptz
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN date_bin(bucket_width, ts, timestamptz '2000-01-03 00:00:00+00');

-- Nearly in the order of time on disk, so a few pages of index find a span; the second serves readings_1m.
CREATE INDEX validated_readings_by_time ON castwatch.validated_readings USING brin (event_time) WITH (pages_per_range = 32, autosummarize = on);
CREATE INDEX validated_readings_by_minute ON castwatch.validated_readings
  USING brin (time_bucket(interval '1 minute', event_time)) WITH (pages_per_range = 32, autosummarize = on);

CREATE VIEW castwatch.readings_1m AS
SELECT time_bucket(interval '1 minute', event_time) AS bucket,
       asset, tag,
       count(*) AS scans,
       count(*) FILTER (WHERE treatment <> 'MEASURED') AS repaired,
       avg(value) AS mean,
       min(value) AS minimum,
       max(value) AS maximum
  FROM castwatch.validated_readings
 GROUP BY 1, 2, 3;

CREATE VIEW castwatch.predictions_5m AS
SELECT time_bucket(interval '5 minutes', event_time) AS bucket,
       asset, target,
       count(*) AS predictions,
       count(*) FILTER (WHERE status <> 'OK') AS not_ok,
       avg(probability) AS mean_probability,
       max(probability) AS max_probability,
       avg(completeness) AS mean_completeness
  FROM castwatch.predictions
 GROUP BY 1, 2, 3;
