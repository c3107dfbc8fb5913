/** The address that OTLP exporters push to, from OpenTelemetry's environment variables, and how exporters are stopped. */
import { within } from '../base/retry.ts';

/** The collector's address for a signal; undefined when none is configured. */
export function otlpUrl(signal: 'metrics' | 'traces', env: NodeJS.ProcessEnv): string | undefined {
  const own = env[`OTEL_EXPORTER_OTLP_${signal.toUpperCase()}_ENDPOINT`];
  const shared = env['OTEL_EXPORTER_OTLP_ENDPOINT'];
  return own ?? (shared === undefined ? undefined : `${shared.replace(/\/$/, '')}/v1/${signal}`);
}

const patience = 2_000; // ms

/** Waits for the last export, 2 s at most: a collector that does not answer must not delay the end of a role. */
export async function letGo(shutdown: Promise<void>): Promise<void> {
  await within(
    patience,
    shutdown.catch(() => undefined),
    () => undefined,
  );
}
