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
import { storedTopics, topicIds, type TopicId } from '../schemas/catalogue.ts';
import { DeletedRecords } from './deleted-records.ts';
import { Lacks, type KnownGap } from './lacks.ts';
import { describeMissing, findMissing, type MissingRecords } from './missing-records.ts';
import { compareTopics } from './compare-topics.ts';
import { compareIngress, type SourceRun } from './ingress.ts';
import { runOracle, type LeftOut } from './oracle.ts';
import { findCut, Scope, type CutPartition } from './scope.ts';
import { readVerdicts, type Counts, type Verdicts } from './verdicts.ts';

export interface ReconcileOptions {
  readonly kafka: Pick<Kafka, 'transport' | 'serde' | 'topics' | 'prefix'>;
  readonly pool: Pool;
  readonly definition: ProcessDefinition;
  /** Folder of all model bundles; default: the shipped bundles. */
  readonly modelsFolder?: string;
  /** The sources that published, to compare with the input topics. Left out: not compared. */
  readonly feeds?: readonly SourceRun[];
  /** Copies of records that were deleted on purpose. With them, everything but the gaps is compared. */
  readonly deleted?: DeletedRecords;
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
  /** Readings on the topic, without those that were deleted before they were validated. */
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
  /** Records that a step or the sink did not have, because they were deleted before it read them. */
  readonly missing: readonly MissingRecords[];
  /** What could not be compared, because records are deleted; one sentence each. */
  readonly notCompared: readonly string[];
  /** One sentence per difference in what was compared. */
  readonly differences: readonly string[];
  /** Everything was compared, nothing is missing, and there is no difference. */
  readonly reconciled: boolean;
}

/** Call this when everything has settled and nothing more is published. */
export async function reconcile(options: ReconcileOptions): Promise<Reconciliation> {
  const { kafka, pool, deleted = new DeletedRecords() } = options;
  const missing = await findMissing(kafka, pool);
  const complete = { ...kafka, transport: deleted.restored(kafka.transport) };
  const { cut, leftOut } = await leaveOut(complete, missing);
  const result = await compareAll({ ...options, kafka: complete }, leftOut);
  const { topics } = kafka;
  const notCompared = [
    ...cut.map(
      ({ topic, partition, beginning }) =>
        `${topics[topic]}/${partition} begins at offset ${beginning}, because the broker has deleted earlier records`,
    ),
    ...leftOut.scope.notCompared(topics),
  ];
  const isComplete = missing.length + notCompared.length === 0;
  return { ...result, missing, notCompared, reconciled: isComplete && result.differences.length === 0 };
}

/** Works out what cannot be compared, from the gaps and from where the topics begin. */
async function leaveOut(
  kafka: ReconcileOptions['kafka'],
  missing: readonly MissingRecords[],
): Promise<{ readonly cut: readonly CutPartition[]; readonly leftOut: LeftOut }> {
  const { transport, topics } = kafka;
  const cut = await findCut(kafka);
  const gaps = missing.flatMap(({ source: { topic: name, partition }, ...others }) =>
    topicIds.filter((id) => topics[id] === name).map((topic) => ({ ...others, topic, partition })),
  );
  const isCut = (gap: { readonly topic: TopicId; readonly partition: number }): boolean =>
    cut.some(({ topic, partition }) => topic === gap.topic && partition === gap.partition);
  const known: KnownGap[] = [];
  const unknown: typeof gaps = [];
  for (const each of gaps) {
    const { reason, from, to } = each.gap;
    if (reason === 'deleted' && to !== undefined && !isCut(each)) known.push({ ...each, from, to });
    else unknown.push(each);
  }
  const scope = new Scope(await transport.partitionCount(topics.sensorReadings), cut, unknown);
  return { cut, leftOut: { scope, lacks: await Lacks.of(kafka, known) } };
}

type Compared = Omit<Reconciliation, 'missing' | 'notCompared' | 'reconciled'>;

async function compareAll(options: ReconcileOptions, leftOut: LeftOut): Promise<Compared> {
  const { kafka, pool, definition, feeds, modelsFolder = bundlesFolder } = options;
  const { scope } = leftOut;
  const answerers = await openAnswerers(kafka, definition, modelsFolder);
  const oracle = await runOracle(kafka, definition, answerers, modelsFolder, leftOut).finally(() =>
    answerers.close(),
  );
  const verdicts = await readVerdicts(kafka, oracle.readings, scope);
  const topics = await compareTopics(kafka, oracle, scope);
  const tables = await oracle.tables.compare(
    pool,
    storedTopics,
    (topic, asset) => scope.table(topic, asset) !== 'nothing',
  );
  const differences = [
    ...(feeds === undefined ? [] : await ingressDifferences(kafka, feeds)),
    ...strangerDifferences(answerers),
    ...accountDifferences(verdicts),
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
    recordsIn: verdicts.readings,
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
    differences,
  };
}

/** One sentence for each thing that keeps the results from being reconciled. */
export const whyNotReconciled = ({
  missing,
  notCompared,
  differences,
}: Pick<Reconciliation, 'missing' | 'notCompared' | 'differences'>): readonly string[] => [
  ...missing.map(describeMissing),
  ...notCompared,
  ...differences,
];

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

function accountDifferences(verdicts: Verdicts): string[] {
  const {
    readings: recordsIn,
    validated,
    rejected,
    deadReadings,
    lost,
    lostExamples,
    strayLetters,
  } = verdicts;
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
