/** TimescaleDB's jobs: refreshes, compression, and what forgets old rows. */
import type { Pool } from 'pg';

interface FailingJob {
  readonly job: number;
  readonly name: string;
  readonly failed: boolean;
  readonly since: string;
}

/**
 * One sentence for each job whose last run failed, or that should have started more than an hour ago. The job that sends
 * TimescaleDB's usage data to its maker does not count.
 */
export async function failingJobs(pool: Pool): Promise<string[]> {
  const { rows } = await pool.query<FailingJob>(`
    SELECT s.job_id AS job,
           j.proc_name || coalesce(' on ' || j.hypertable_name, '') AS name,
           s.last_run_status IS NOT DISTINCT FROM 'Failed' AS failed,
           CASE WHEN isfinite(s.last_successful_finish) THEN s.last_successful_finish::text ELSE 'never' END AS since
      FROM timescaledb_information.job_stats s
      JOIN timescaledb_information.jobs j USING (job_id)
     WHERE j.proc_name <> 'policy_telemetry'
       AND (s.last_run_status = 'Failed'
            OR (s.job_status = 'Scheduled' AND isfinite(s.next_start) AND s.next_start < now() - interval '1 hour'))
     ORDER BY s.job_id`);
  return rows.map(
    ({ job, name, failed, since }) =>
      `TimescaleDB's job ${job} (${name}) ${failed ? 'fails' : 'is not started'}; its last success: ${since}`,
  );
}
