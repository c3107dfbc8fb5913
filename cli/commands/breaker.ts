/** `breaker`: shows which steps and partitions stand still, and tells them to go on. */
import type { Command } from 'commander';
import { describeStandstill } from '../../base/standstill-text.ts';
import {
  partitionKey,
  tellToGoOn,
  BreakerLog,
  type BreakerEntry,
  type GivenOrder,
  type Standstill,
} from '../../stream/index.ts';
import type { Kafka } from '../../roles/connections.ts';
import { addDecision, decided, type DecisionFlags } from '../decision.ts';
import { positiveInteger, wholeNumber } from '../options.ts';
import { withKafka } from '../with-kafka.ts';

interface Filter {
  readonly step?: string;
  readonly partition?: number;
  readonly topic?: string;
  readonly json: boolean;
}

/** What one order may cover, unless the operator says otherwise. */
const usualLimit = 10_000;

export function addBreaker(program: Command): void {
  const group = program
    .command('breaker')
    .summary('show what breakers have stopped, and let it continue')
    .description(
      'When most records of a partition become dead letters, a breaker stops the step or the sink on that partition. ' +
        'It stays stopped, also after a restart, until the cause is fixed or an operator lets it continue. ' +
        'The topic breakers.v1 keeps who did so, when and why.',
    );
  group
    .command('list')
    .summary('print what breakers have stopped, since when and why')
    .description('Prints one line for each step and partition that a breaker has stopped.')
    .option('--json', 'print one JSON object per line', false)
    .action((flags: Filter) => withKafka('breaker', (kafka) => list(kafka, flags)));
  addDecision(
    group
      .command('resume')
      .summary('let stopped steps and the sink continue')
      .description(
        'Lets steps and the sink continue. Records that are on the topic now and cannot be processed become dead letters, and the ' +
          'breaker does not count them. It counts the records that come later. ' +
          'A running role continues within seconds; a stopped one when it starts.',
      )
      .option('--step <step>', 'only this step or sink')
      .option('--partition <n>', 'only this partition', wholeNumber)
      .option('--topic <topic>', 'only partitions of this topic')
      .option(
        '--up-to <n>',
        'the largest number of records of each partition that may become dead letters',
        positiveInteger,
        usualLimit,
      ),
    { isRequired: true },
  )
    .option('--json', 'print the result as JSON', false)
    .action((flags: Filter & DecisionFlags & { readonly upTo: number }) =>
      withKafka('breaker', (kafka) => resume(kafka, flags)),
    );
  addDecision(
    group
      .command('forget')
      .summary('remove stopped steps and topics that no longer exist from the list')
      .description(
        'Removes stopped steps or topics from the list when no role processes them any more. If one is still stopped, its role reports it again when it starts.',
      )
      .requiredOption('--step <step>', 'required: the step or sink')
      .option('--partition <n>', 'only this partition', wholeNumber)
      .option('--topic <topic>', 'only partitions of this topic'),
    { isRequired: true },
  )
    .option('--json', 'print the result as JSON', false)
    .action((flags: Filter & DecisionFlags) => withKafka('breaker', (kafka) => forget(kafka, flags)));
  group
    .command('history')
    .summary('print what breakers have stopped, and who let it continue')
    .description(
      'Prints each stop by a breaker, each order of an operator with its reason, and each end of a stop, oldest first.',
    )
    .option('--json', 'print one JSON object per line', false)
    .action(({ json }: Filter) => withKafka('breaker', (kafka) => history(kafka, json)));
}

async function list({ transport, topics }: Kafka, { json }: Filter): Promise<void> {
  const standstills = await new BreakerLog(transport, topics.breakers).standstills();
  for (const standstill of standstills)
    console.log(json ? JSON.stringify(standstill) : describeStandstill(standstill));
  if (standstills.length === 0 && !json) console.log('nothing stands still');
}

async function resume(
  { transport, topics }: Kafka,
  flags: Filter & DecisionFlags & { readonly upTo: number },
): Promise<void> {
  const given = await tellToGoOn({
    transport,
    breakerTopic: topics.breakers,
    select: selects(flags),
    upTo: flags.upTo,
    ...decided(flags),
  });
  if (flags.json) console.log(JSON.stringify(given.map(({ order }) => order)));
  else if (given.length === 0) console.log('nothing that was selected stands still');
  else for (const each of given) console.log(describeOrder(each));
}

const selects =
  ({ step, partition, topic }: Filter) =>
  (standstill: Standstill): boolean =>
    (step === undefined || standstill.step === step) &&
    (partition === undefined || standstill.partition === partition) &&
    (topic === undefined || standstill.positions.some((position) => position.topic === topic));

function describeOrder({ standstill: { step, partition, positions }, order }: GivenOrder): string {
  const spans = positions.flatMap(({ topic, offset }) => {
    const until = order.until[topic] ?? offset;
    return until > offset ? [`${partitionKey({ topic, partition })} from ${offset} to ${until - 1}`] : [];
  });
  return `${step} goes on: what it cannot process of ${spans.join(' and ')} becomes dead letters`;
}

async function forget({ transport, topics }: Kafka, flags: Filter & DecisionFlags): Promise<void> {
  const { by, why } = decided(flags);
  const log = new BreakerLog(transport, topics.breakers);
  const forgotten = (await log.standstills()).filter(selects(flags));
  for (const { unit } of forgotten) await log.forget(unit, by, why);
  if (flags.json) console.log(JSON.stringify(forgotten.map(({ unit }) => unit)));
  else console.log(`${forgotten.length} standstills removed from the list`);
}

async function history({ transport, topics }: Kafka, json: boolean): Promise<void> {
  const entries = await new BreakerLog(transport, topics.breakers).entries();
  for (const entry of entries.toSorted((one, other) => timeOf(one) - timeOf(other)))
    console.log(
      json ? JSON.stringify(entry) : `${new Date(timeOf(entry)).toISOString()}  ${describeEntry(entry)}`,
    );
}

function timeOf(entry: BreakerEntry): number {
  switch (entry.kind) {
    case 'stopped':
      return entry.standstill.since;
    case 'ordered':
      return entry.order.at;
    case 'running':
      return entry.at;
  }
}

function describeEntry(entry: BreakerEntry): string {
  switch (entry.kind) {
    case 'stopped':
      return `${entry.standstill.unit} stopped: ${entry.standstill.why}`;
    case 'ordered':
      return `${entry.order.by} told ${entry.order.unit} to go on: ${entry.order.why}`;
    case 'running':
      return entry.why === undefined
        ? `${entry.unit} runs again`
        : `${entry.by ?? ''} removed ${entry.unit} from the list: ${entry.why}`;
  }
}
