/** The source role: publishes a simulation or files, and ends when these end. */
import type { Speed } from '../sources/pace.ts';
import { publish, type PublishProgress } from '../sources/publish.ts';
import type { Source } from '../sources/source.ts';
import type { Kafka } from './connections.ts';
import type { RoleContext, RunningRole } from './role.ts';

export interface SourceRoleOptions {
  readonly kafka: Kafka;
  readonly source: Source;
  readonly speed: Speed;
}

export async function startSourceRole(
  options: SourceRoleOptions,
  context: RoleContext,
): Promise<RunningRole> {
  const { kafka, source, speed } = options;
  const { log, metrics, tracing } = context;
  const ending = new AbortController();
  const producer = await kafka.transport.producer();
  let latest: PublishProgress | undefined;
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
    log,
    metrics,
    tracing,
  });
  done.catch(() => undefined); // awaited by whoever runs the role, and by stop()
  return {
    done,
    status: () => ({ ready: true, halted: false, problems: [], detail: latest }),
    async stop() {
      ending.abort();
      await done.catch(() => undefined);
      await producer.close();
      await kafka.close();
    },
  };
}
