/** Says in one sentence what a breaker has stopped or leaves out, since when, why, and what to do about it. */
import { partitionKey, type Standstill, type TaskQuarantine } from '../stream/index.ts';

/** "validate stands still since 2026-03-01T06:00:00.000Z at sensor-readings.v1/3: 100 of the last 100 records …" */
export function describeStandstill({ step, partition, topic, since, why }: Standstill): string {
  return (
    `${step} stands still since ${new Date(since).toISOString()} at ${partitionKey({ topic, partition })}: ${why}. ` +
    `See \`castwatch dead-letters list\`; then fix the cause, or run ` +
    `\`castwatch breaker resume --step ${step} --partition ${partition} --why '…'\``
  );
}

/** "validate, partition 3: records of key Plant/Line1/S1 become dead letters since 2026-…, 120 so far; the others continue" */
export function describeQuarantine({ step, partition, by, name, since, letters }: TaskQuarantine): string {
  return (
    `${step}, partition ${partition}: records of ${by} ${name === '' ? '(none)' : name} become dead letters ` +
    `since ${new Date(since).toISOString()}, ${letters} so far; the others continue`
  );
}
