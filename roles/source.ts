/** The source role: publishes the records of a source, reports the health of a live source, and ends when the source ends. */
import { join } from 'node:path';
import type { Speed } from '../sources/publish/speed.ts';
import { publish, type PublishProgress, type Unaccepted } from '../sources/publish/publish.ts';
import type { Source } from '../sources/source.ts';
import type { Config } from './config.ts';
import type { Kafka } from './connections.ts';
import { sourceReadiness } from './readiness.ts';
import type { RoleContext, RunningRole } from './role.ts';

export interface SourceRoleOptions {
  readonly kafka: Kafka;
  readonly source: Source;
  readonly speed: Speed;
}

/** The folder in which live sources keep their positions: one per topic prefix, because installations may share a broker. */
export const positionsFolder = (dataFolder: string, { TOPIC_PREFIX }: Pick<Config, 'TOPIC_PREFIX'>): string =>
  join(dataFolder, 'positions', TOPIC_PREFIX === '' ? 'default' : TOPIC_PREFIX);

export async function startSourceRole(
  options: SourceRoleOptions,
  context: RoleContext,
): Promise<RunningRole> {
  const { kafka, source, speed } = options;
  const { log, metrics, tracing } = context;
  const ending = new AbortController();
  const producer = await kafka.transport.producer();
  let latest: PublishProgress | undefined;
  let unaccepted: Unaccepted | undefined;
  const done = publish({
    source,
    producer,
    serde: kafka.serde,
    prefix: kafka.prefix,
    speed,
    signal: AbortSignal.any([context.signal, ending.signal]),
    onProgress(progress) {
      latest = progress;
    },
    onUnaccepted(now) {
      unaccepted = now;
    },
    log,
    metrics,
    tracing,
  });
  done.catch(() => undefined); // the caller and stop() both await it
  return {
    done,
    status() {
      const health = source.kind === 'live' ? source.health() : undefined;
      return {
        ...sourceReadiness(health, unaccepted),
        detail: health === undefined ? latest : { ...latest, health },
      };
    },
    async stop() {
      ending.abort();
      await done.catch(() => undefined);
      await producer.close();
      await kafka.close();
    },
  };
}
