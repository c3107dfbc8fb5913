-- Another topic with the same name has other offsets, so a position says in which topic it counts. Null: written by an older version.
ALTER TABLE castwatch.sink_offsets ADD COLUMN topic_id text;

-- Records that no longer existed when the sink was to store them.
CREATE TABLE castwatch.sink_gaps (
  sink         text        NOT NULL,
  topic        text        NOT NULL,
  partition    integer     NOT NULL,
  from_offset  bigint      NOT NULL,
  to_offset    bigint,
  reason       text        NOT NULL,
  found_at     timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (sink, topic, partition, from_offset, found_at)
);
COMMENT ON COLUMN castwatch.sink_gaps.to_offset IS 'The offset after the last one; null when the topic was made anew, because nobody knows.';
