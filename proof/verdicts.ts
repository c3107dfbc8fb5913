/** Finds out from the topics what happened to each reading: validated, rejected with a reason, or dead-lettered. */
import { readDeadLetter, readDecision } from '../stream/index.ts';
import type { Kafka } from '../roles/connections.ts';
import { identityOf, positionOf, type InputReading } from './oracle.ts';
import { decodeTopic, readWhatIsLeft } from './read-topic.ts';
import type { Scope } from './scope.ts';

export type Counts = Readonly<Record<string, number>>;

export interface Verdicts {
  /** Readings on the topic that validation has had. */
  readonly readings: number;
  readonly validated: number;
  /** Readings that validation rejected, by their first reason. */
  readonly rejected: Counts;
  /** Findings about readings and about single tags, by reason. */
  readonly findings: Counts;
  /** All dead letters, by reason. */
  readonly deadLettered: Counts;
  /** Dead letters of readings only. */
  readonly deadReadings: number;
  /** Dead letters that are not of readings, second ones of the same reading, and dead letters of readings that can be decoded. There should be none. */
  readonly strayLetters: readonly string[];
  /** Readings that are neither validated nor rejected nor dead-lettered. */
  readonly lost: number;
  readonly lostExamples: readonly string[];
}

/** Counts only the partitions in which the outcome of every reading can be found. */
export async function readVerdicts(
  kafka: Pick<Kafka, 'transport' | 'serde' | 'topics'>,
  readings: readonly InputReading[],
  scope: Scope,
): Promise<Verdicts> {
  const { transport, serde, topics } = kafka;
  const identities = new Set<string>();
  let validated = 0;
  for await (const batch of decodeTopic(
    transport,
    topics.validatedReadings,
    serde.codec('validatedReadings'),
  ))
    for (const { partition, value } of batch) {
      if (value === null || !scope.accounts(partition)) continue;
      identities.add(identityOf(value));
      validated += 1;
    }

  const refused = new Set<string>();
  const rejected: Record<string, number> = {};
  const findings: Record<string, number> = {};
  for await (const batch of decodeTopic(transport, topics.rejectedReadings, serde.codec('rejectedReadings')))
    for (const { partition, value } of batch) {
      if (value === null || !scope.accounts(partition)) continue;
      for (const { reason } of value.rejections) count(findings, reason);
      // A rejection without an input offset is of a validated reading that a later step could not use.
      if (!value.dropped || value.inputOffset < 0) continue;
      refused.add(positionOf(value.inputPartition, value.inputOffset));
      count(rejected, value.rejections[0]?.reason ?? 'OTHER');
    }

  const letters = await readLetters(kafka, scope);
  const expected = new Set(
    readings.flatMap(({ position, identity }) => (identity === undefined ? [position] : [])),
  );
  const accounted = readings.filter(({ partition }) => scope.accounts(partition));
  const lost = accounted.filter(
    ({ position, identity }) =>
      !letters.readings.has(position) &&
      !refused.has(position) &&
      (identity === undefined || !identities.has(identity)),
  );
  return {
    readings: accounted.length,
    validated,
    rejected,
    findings,
    deadLettered: letters.byReason,
    deadReadings: letters.readings.size,
    strayLetters: [
      ...letters.stray,
      ...[...letters.readings]
        .filter((position) => !expected.has(position))
        .map((at) => `${topics.sensorReadings}/${at}`),
    ],
    lost: lost.length,
    lostExamples: lost
      .slice(0, 5)
      .map(({ position, identity }) => `${position} ${identity ?? 'undecodable'}`),
  };
}

async function readLetters({ transport, topics }: Pick<Kafka, 'transport' | 'topics'>, scope: Scope) {
  const byReason: Record<string, number> = {};
  const readings = new Set<string>();
  const stray: string[] = [];
  for await (const { records } of readWhatIsLeft(transport, topics.deadLetters))
    for (const record of records) {
      if (readDecision(record) !== undefined) continue;
      const letter = readDeadLetter(record);
      if (letter === undefined) {
        stray.push('a record without dead-letter headers');
        continue;
      }
      if (!scope.accounts(letter.source.partition)) continue;
      count(byReason, letter.reason);
      const position = positionOf(letter.source.partition, letter.offset);
      const isReading = letter.source.topic === topics.sensorReadings;
      if (!isReading || readings.has(position))
        stray.push(`${letter.source.topic}/${position} by ${letter.step}: ${letter.detail}`);
      if (isReading) readings.add(position);
    }
  return { byReason, readings, stray };
}

function count(counts: Record<string, number>, reason: string): void {
  counts[reason] = (counts[reason] ?? 0) + 1;
}
