/** The stream during a fault: paced and seeded. The oracle can read exactly the same stream again. */
import { toError } from '../../../base/errors.ts';
import type { Kafka } from '../../../roles/connections.ts';
import { markTopics, type SourceRun } from '../../../proof/ingress.ts';
import { publish, type PublishSummary } from '../../../sources/publish/publish.ts';
import type { Replayable, SourceRecord } from '../../../sources/source.ts';
import type { Logger } from '../../../telemetry/log.ts';

export interface PacedFeed extends SourceRun {
  /** Why it has ended before it was asked to. */
  failure(): Error | undefined;
  /** Takes no more from the source. Resolves when everything taken is acknowledged. */
  end(): Promise<PublishSummary>;
}

export async function startPacedFeed(
  source: Replayable,
  speed: number,
  kafka: Kafka,
  log: Logger,
): Promise<PacedFeed> {
  const since = await markTopics(kafka);
  const endless = endWhenAsked(source);
  const producer = await kafka.transport.producer();
  const publishing = publish({
    source: endless.source,
    producer,
    serde: kafka.serde,
    prefix: kafka.prefix,
    speed,
    log,
  }).finally(() => producer.close());
  let failure: Error | undefined;
  publishing.catch((error: unknown) => (failure = toError(error))); // awaited by end()
  return {
    source: endless.source,
    since,
    failure: () => failure,
    end() {
      endless.end();
      return publishing;
    },
  };
}

/** A source that gives records until `end` is called. Read again after that, it gives exactly the same records. */
export function endWhenAsked(source: Replayable): { readonly source: Replayable; readonly end: () => void } {
  let batches = Number.POSITIVE_INFINITY;
  let given = 0;
  async function* run(): AsyncGenerator<readonly SourceRecord[]> {
    let count = 0;
    if (batches === 0) return;
    for await (const batch of source) {
      count += 1;
      given = Math.max(given, count);
      yield batch;
      if (count >= batches) return;
    }
  }
  return {
    source: {
      kind: 'replayable',
      name: source.name,
      [Symbol.asyncIterator]: run,
      progress: () => source.progress(),
      counts: () => source.counts(),
    },
    end: () => {
      batches = given;
    },
  };
}
