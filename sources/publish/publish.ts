/**
 * Publishes a source's records on their topics, in order.
 *
 * Delivery: every record at least once, acknowledged by all in-sync replicas. `sender.ts` keeps the order and waits for
 * a broker that is unreachable. A live source's position is acknowledged after Kafka has the records, and never before.
 */
import type { Malformed } from '../../base/malformed.ts';
import type { Instruments } from '../../telemetry/metrics.ts';
import { createEncoder, type EncoderOptions } from './record-encoder.ts';
import { createPacer, type Speed } from './speed.ts';
import { Sender, type Published, type SenderOptions } from './sender.ts';
import type { Live, LiveRecord, Replayable } from '../source.ts';
import { watchHealth } from './health-watch.ts';

export type { Published, PublishProgress, Unaccepted } from './sender.ts';

export interface PublishOptions extends Omit<SenderOptions, 'metrics'>, Omit<EncoderOptions, 'name'> {
  /** The speed of a replayable source; default 1. A live source follows the plant. */
  readonly speed?: Speed;
  readonly metrics?: PublishMetrics;
}

export type PublishMetrics = Pick<
  Instruments,
  'sourceRecords' | 'sourceFaults' | 'sourceMalformed' | 'sourceSilence' | 'sourceState'
>;

export interface PublishSummary {
  readonly source: string;
  readonly published: Published;
  /** The source's own counts: malformed rows, added faults, lost records. */
  readonly counts: Readonly<Record<string, number>>;
  /** What the source could not read. */
  readonly malformed: Malformed;
  /** Number of requests that were sent again; their records may be on the topic twice. */
  readonly resent: number;
  /** False when publishing was stopped before the source's end. */
  readonly complete: boolean;
  readonly seconds: number;
}

/**
 * Publishes a source until its end, or until the signal aborts. Records that were already taken from the source are still
 * sent and acknowledged.
 * @throws StreamError when the broker refuses the records, or is unreachable when the signal aborts
 * @throws CastwatchError as the source does
 */
export async function publish(options: PublishOptions): Promise<PublishSummary> {
  const { source } = options;
  const start = performance.now();
  const encode = createEncoder({ ...options, name: source.name });
  const failed = new AbortController();
  const sender = new Sender(options, () => {
    failed.abort();
  });
  const add = async (record: LiveRecord): Promise<void> => {
    const message = encode(record);
    if (sender.isFull(message)) await sender.flush();
    sender.add(record, message);
  };
  const complete =
    source.kind === 'live'
      ? await publishLive(source, { ...options, failed: failed.signal }, sender, add)
      : await publishReplay(source, options, sender, add);
  await sender.drain();
  return {
    source: source.name,
    published: { ...sender.published },
    counts: source.counts(),
    malformed: source.malformed?.() ?? {},
    resent: sender.resent,
    complete,
    seconds: (performance.now() - start) / 1000,
  };
}

type Add = (record: LiveRecord) => Promise<void>;

async function publishReplay(
  source: Replayable,
  { speed = 1, signal }: PublishOptions,
  sender: Sender,
  add: Add,
): Promise<boolean> {
  const pace = createPacer(speed, signal);
  for await (const batch of source)
    for (const record of batch) {
      if (pace.wait(record) > 0) {
        await sender.flush();
        await pace.reach(record);
      }
      if (signal?.aborted === true) return false;
      await add(record);
    }
  return signal?.aborted !== true;
}

/** Asks for the next batch when the request before the current one is acknowledged, so the source is no faster than Kafka. */
async function publishLive(
  source: Live,
  { signal, failed, ...options }: PublishOptions & { readonly failed: AbortSignal },
  sender: Sender,
  add: Add,
): Promise<boolean> {
  const watch = watchHealth(source, options);
  try {
    const ending = signal === undefined ? failed : AbortSignal.any([signal, failed]);
    for await (const batch of source.receive(ending)) {
      for (const record of batch.records) await add(record);
      sender.whenAcknowledged(() => batch.acknowledge());
      await sender.flush();
    }
    return !ending.aborted;
  } finally {
    watch.stop();
  }
}
