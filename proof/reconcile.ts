/**
 * The check after a run: compares every topic record for record, and every table row for row, with the offline oracle,
 * and accounts for every reading.
 */
import type { Pool } from 'pg';
import { bundlesFolder } from '../models/bundle/champion-file.ts';
import { perOutput, type OutputTopic } from '../processors/topology.ts';
import type { ProcessDefinition } from '../processes/schema.ts';
import type { Kafka } from '../roles/connections.ts';
import { openAnswerers, type Answerers } from './answerers.ts';
import { CastwatchError } from '../base/errors.ts';
import { findMissing } from './missing-records.ts';
import { compareTopics } from './compare-topics.ts';
import { compareIngress, type SourceRun } from './ingress.ts';
import { runOracle } from './oracle.ts';
import { readVerdicts, type Counts, type Verdicts } from './verdicts.ts';

export interface ReconcileOptions {
  readonly kafka: Pick<Kafka, 'transport' | 'serde' | 'topics' | 'prefix'>;
  readonly pool: Pool;
  readonly definition: ProcessDefinition;
  /** Folder of all model bundles; default: the shipped bundles. */
  readonly modelsFolder?: string;
  /** The sources that published, to compare with the input topics. Left out: not compared. */
  readonly feeds?: readonly SourceRun[];
}

/** Records on each topic that steps write. */
type RecordCounts = Readonly<Record<OutputTopic, number>>;

/** Numbers of deviating records on topics and rows in tables. */
export interface Deviations {
  /** Expected but not found. */
  readonly missing: number;
  /** Found more often than expected, or not expected at all. */
  readonly extra: number;
  /** Rows found with other content. */
  readonly different: number;
}

export interface Reconciliation extends RecordCounts {
  /** Readings on the topic. */
  readonly recordsIn: number;
  readonly validated: number;
  readonly rejected: Counts;
  readonly findings: Counts;
  readonly deadLettered: Counts;
  readonly rowsPerTable: Counts;
  /** Records on a topic more often than they should be. */
  readonly duplicates: number;
  /** Readings that are neither validated nor rejected nor dead-lettered. */
  readonly lost: number;
  /** Sums over all topics and tables, compared with the oracle. */
  readonly deviations: Deviations;
  readonly reconciled: boolean;
  /** One sentence per difference. */
  readonly differences: readonly string[];
}

/** Call this when everything has settled and nothing more is published. */
export async function reconcile(options: ReconcileOptions): Promise<Reconciliation> {
  const missing = await findMissing(options.kafka, options.pool);
  try {
    const result = await compareAll(options);
    const differences = [...missing, ...result.differences];
    return { ...result, differences, reconciled: differences.length === 0 };
  } catch (error) {
    // Complete topics are needed. Why they are not complete is worth more than that they are not.
    if (!(error instanceof CastwatchError && error.code === 'RECONCILIATION') || missing.length === 0)
      throw error;
    const { message, remedy } = error;
    throw new CastwatchError('RECONCILIATION', `${message} ${missing.join('; ')}.`, {
      cause: error,
      ...(remedy === undefined ? {} : { remedy }),
    });
  }
}

async function compareAll(options: ReconcileOptions): Promise<Reconciliation> {
  const { kafka, pool, definition, feeds, modelsFolder = bundlesFolder } = options;
  const answerers = await openAnswerers(kafka, definition, modelsFolder);
  const oracle = await runOracle(kafka, definition, answerers, modelsFolder).finally(() => answerers.close());
  const verdicts = await readVerdicts(kafka, oracle.readings);
  const topics = await compareTopics(kafka, oracle);
  const tables = await oracle.tables.compare(pool);
  const differences = [
    ...(feeds === undefined ? [] : await ingressDifferences(kafka, feeds)),
    ...strangerDifferences(answerers),
    ...accountDifferences(oracle.readings.length, verdicts),
    ...topics.differences,
    ...tables.flatMap(({ table, missing, unexpected, different, examples }) =>
      missing + unexpected + different === 0
        ? []
        : [
            `table ${table}: ${missing} rows missing, ${unexpected} unexpected, ${different} different; ${examples.slice(0, 3).join('; ')}`,
          ],
    ),
  ];
  return {
    recordsIn: oracle.readings.length,
    validated: verdicts.validated,
    rejected: verdicts.rejected,
    findings: verdicts.findings,
    deadLettered: verdicts.deadLettered,
    ...perOutput((topic) => oracle.topics[topic].difference().found),
    rowsPerTable: Object.fromEntries(tables.map(({ table, stored }) => [table, stored])),
    duplicates: topics.duplicates,
    lost: verdicts.lost,
    deviations: {
      missing: topics.missing + sum(tables, 'missing'),
      extra: topics.extra + sum(tables, 'unexpected'),
      different: sum(tables, 'different'),
    },
    reconciled: differences.length === 0,
    differences,
  };
}

const sum = <Key extends string>(tables: readonly Record<Key, number>[], key: Key): number =>
  tables.reduce((total, table) => total + table[key], 0);

function strangerDifferences({ strangers }: Answerers): string[] {
  if (strangers.length === 0) return [];
  return [
    `${strangers.length} predictions by bundles that the model registry had not put there, such as ${strangers.slice(0, 3).join('; ')}`,
  ];
}

async function ingressDifferences(
  kafka: ReconcileOptions['kafka'],
  feeds: readonly SourceRun[],
): Promise<string[]> {
  const { missing, repeated, unexpected } = await compareIngress(kafka, feeds);
  // A producer may repeat records; validation removes them.
  if (missing + unexpected === 0) return [];
  return [
    `the input topics differ from the source: ${missing} records missing, ${unexpected} unexpected, ${repeated} repeated`,
  ];
}

function accountDifferences(recordsIn: number, verdicts: Verdicts): string[] {
  const { validated, rejected, deadReadings, lost, lostExamples, strayLetters } = verdicts;
  const refused = Object.values(rejected).reduce((sum, count) => sum + count, 0);
  const differences: string[] = [];
  if (lost > 0) differences.push(`${lost} readings are lost, such as ${lostExamples.join('; ')}`);
  if (recordsIn !== validated + refused + deadReadings)
    differences.push(
      `${recordsIn} readings in, but ${validated} validated + ${refused} rejected + ${deadReadings} dead-lettered`,
    );
  if (strayLetters.length > 0)
    differences.push(
      `${strayLetters.length} unexpected dead letters, such as ${strayLetters.slice(0, 3).join('; ')}`,
    );
  return differences;
}
