-- An alert that is over is kept as long as the readings are.
CREATE PROCEDURE castwatch.forget_old_alerts(job_id integer, config jsonb)
LANGUAGE plpgsql AS $$
BEGIN
  CALL castwatch.forget_alerts((config ->> 'keep')::interval);
END
$$;
SELECT add_job('castwatch.forget_old_alerts', interval '1 day', config => '{"keep": "400 days"}');
