/** What the sink says about itself. */
import type { Standstill, TopicPartition } from '../../../stream/index.ts';

export interface SinkHealth {
  readonly state: 'starting' | 'running' | 'waiting' | 'halted' | 'stopped';
  /** What the sink waits for, or why it is halted; empty when there is no problem. */
  readonly problems: readonly string[];
  /** Partitions that a breaker has stopped. */
  readonly standstills: readonly Standstill[];
  /** Gaps (records that no longer existed when they were to be stored) and failing jobs of TimescaleDB, one sentence each. */
  readonly notices: readonly string[];
  /** `stored` is the next offset to store, `fetched` the next one to fetch. */
  readonly partitions: readonly (TopicPartition & {
    readonly stored: number;
    readonly fetched: number;
    readonly halted: boolean;
  })[];
}
