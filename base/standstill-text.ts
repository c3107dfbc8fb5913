/** Says in one sentence what stands still, since when, why, and what to do about it. */
import { partitionKey, type Standstill } from '../stream/index.ts';

/** "validate stands still since 2026-03-01T06:00:00.000Z at sensor-readings.v1/3: 100 of the last 100 records …" */
export function describeStandstill({ step, partition, topic, since, why }: Standstill): string {
  return (
    `${step} stands still since ${new Date(since).toISOString()} at ${partitionKey({ topic, partition })}: ${why}. ` +
    `See \`castwatch dead-letters list\`; then fix the cause, or run ` +
    `\`castwatch breaker resume --step ${step} --partition ${partition} --why '…'\``
  );
}
