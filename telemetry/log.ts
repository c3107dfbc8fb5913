/** Logs: pino in the Elastic Common Schema, one JSON object per line on stderr. */
import { ecsFormat } from '@elastic/ecs-pino-format';
import { pino, type Logger } from 'pino';

export type { Logger };

/** @param role what this process does (`process`, `sink`, `gateway` …); becomes `service.name`. */
export function createLogger(role: string, level: string = process.env['LOG_LEVEL'] ?? 'info'): Logger {
  return pino(
    { ...ecsFormat({ serviceName: `castwatch-${role}` }), level },
    pino.destination({ fd: 2, sync: true }),
  );
}
