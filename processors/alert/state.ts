/** What alert remembers for an asset: one alarm state per rule, and the time of the last prediction. */
import type { ProcessDefinition } from '../../processes/schema.ts';
import { noWatermark, type Codec } from '../../stream/index.ts';
import { ByteWriter, textBytes, versionedReader } from '../bytes.ts';
import type { LifecycleState, Phase } from './lifecycle.ts';

const version = 1;
const phases: readonly Phase[] = ['normal', 'pending', 'raised', 'returning'];

export interface AlertState {
  /** Event time of the last prediction, ms since the epoch. */
  latest: number;
  /** By rule id, for rules that have seen a value. The state of a rule that is removed ends with the next record. */
  readonly alarms: Map<string, LifecycleState>;
}

export const createAlertState = (): AlertState => ({ latest: noWatermark, alarms: new Map() });

/** The most bytes that the state of an asset has in the changelog. */
export const largestAlertState = ({ alerts }: ProcessDefinition): number =>
  alerts.reduce((sum, { id }) => sum + textBytes(id) + 1 + 5 * 8 + 4, 1 + 8 + 4);

export function alertStateCodec(): Codec<AlertState> {
  const writer = new ByteWriter();
  return {
    encode({ latest, alarms }) {
      writer.byte(version);
      writer.double(latest);
      writer.uint(alarms.size);
      for (const [rule, alarm] of alarms) {
        writer.text(rule);
        writer.byte(phases.indexOf(alarm.phase));
        for (const value of [alarm.since, alarm.knownAt, alarm.raisedAt, alarm.limit, alarm.peak])
          writer.double(value);
        writer.uint(alarm.step);
      }
      return writer.finish();
    },
    decode(bytes) {
      const reader = versionedReader(bytes, version);
      const state = createAlertState();
      state.latest = reader.double();
      for (let left = reader.uint(); left > 0; left--) {
        const rule = reader.text();
        const phase = phases[reader.byte()] ?? 'normal';
        const [since, knownAt, raisedAt] = [reader.double(), reader.double(), reader.double()];
        const [limit, peak] = [reader.double(), reader.double()];
        state.alarms.set(rule, { phase, since, knownAt, raisedAt, limit, peak, step: reader.uint() });
      }
      reader.end();
      return state;
    },
  };
}
