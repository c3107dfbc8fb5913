-- Of a target with classes: the probability of each; null where the target has none.

ALTER TABLE castwatch.predictions ADD COLUMN classes jsonb;
