/** Says in one sentence what stands still or is left out, since when, why, and what to do about it. */
import {
  partitionKey,
  type Stall,
  type Standstill,
  type TaskQuarantine,
  type Unanswered,
} from '../stream/index.ts';

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

/** "validate has processed nothing of sensor-readings.v1/3 since 2026-03-01T06:00:00.000Z, and 3200 records wait: …" */
export function describeStall(
  reader: string,
  { topic, partition, committed, since, records }: Stall,
): string {
  return (
    `${reader} has processed nothing of ${partitionKey({ topic, partition })} since ${new Date(since).toISOString()}, ` +
    `and ${records} records from offset ${committed} on wait. Its log may say what it tries; a restart of this process lets the ` +
    `next owner of the partition try; see docs/operations.md`
  );
}

/** "Kafka has not answered since 2026-…: connection refused; nobody knows how far validate is behind" */
export const describeUnanswered = (reader: string, { since, why }: Unanswered): string =>
  `Kafka has not answered since ${new Date(since).toISOString()} (${why}), so nobody knows how far ${reader} is behind`;
