/**
 * Puts a source's records on their topics, in order.
 *
 * Delivery: every record at least once, acknowledged by all in-sync replicas. `sender.ts` keeps the order and waits for
 * a broker that is away. A live source's position is acknowledged after Kafka has the records, and never before.
 */
import type { Malformed } from '../../base/malformed.ts';
import type { Instruments } from '../../telemetry/metrics.ts';
import { createEncoder, type EncoderOptions } from './record-encoder.ts';
import { createPacer, type Speed } from './speed.ts';
import { Sender, type Published, type SenderOptions } from './sender.ts';
import type { Live, LiveRecord, Replayable } from '../source.ts';
import { watchHealth } from './health-watch.ts';

export type { Published, PublishProgress } from './sender.ts';

export interface PublishOptions extends Omit<SenderOptions, 'metrics'>, Omit<EncoderOptions, 'name'> {
  /** Paces a replayable source; default 1. A live source has the plant's own pace. */
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
  /** The source's own: malformed rows, faults put in, records lost. */
  readonly counts: Readonly<Record<string, number>>;
  /** What the source could not read. */
  readonly malformed: Malformed;
  /** Requests that had to be sent again; their records may be on the topic twice. */
  readonly resent: number;
  /** False when it was ended before the source's end. */
  readonly complete: boolean;
  readonly seconds: number;
}

/**
 * Ends with the source, or when the signal aborts: what was taken from the source is then still sent and acknowledged.
 * @throws StreamError when the broker refuses for good, or is unreachable when the signal aborts
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

/** Asks for the next batch when the request before the present one is acknowledged: so Kafka's pace is the source's. */
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
