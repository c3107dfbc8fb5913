/** Adds the last spans of traces: one for each client that a sampled record is sent to. */
import type { RawRecord, TopicPartition } from '../../stream/index.ts';
import type { Tracing } from '../../telemetry/tracing.ts';
import type { Frame } from '../shared/messages.ts';

export interface EmitTraces {
  /** Remembers the record that an item of a frame comes from, if the record is sampled. */
  remember(item: object, source: TopicPartition, record: RawRecord): void;
  /** @param client the socket's id */
  sent(frame: Frame, client: string): void;
}

interface Origin extends TopicPartition {
  readonly offset: number;
  readonly headers: RawRecord['headers'];
}

export function emitTraces(tracing: Tracing): EmitTraces {
  if (!tracing.enabled) return { remember: () => undefined, sent: () => undefined };
  const origins = new WeakMap<object, Origin>();
  return {
    remember(item, source, { offset, headers }) {
      if (headers?.['traceparent'] !== undefined) origins.set(item, { ...source, offset, headers });
    },
    sent({ scans, predictions, alerts }, client) {
      for (const item of [...scans, ...predictions, ...alerts]) {
        const origin = origins.get(item);
        if (origin === undefined) continue;
        tracing.left({ operation: 'emit', ...origin, attributes: { 'castwatch.client': client } });
      }
    },
  };
}
