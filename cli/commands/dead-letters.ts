import type { Command } from 'commander';
import { readDeadLetter, replayDeadLetters, type DeadLetter } from '../../stream/index.ts';
import { createLogger } from '../../telemetry/log.ts';
import { readConfig } from '../../roles/config.ts';
import { openKafkaFor, type Kafka } from '../../roles/connections.ts';
import { besideLocalStack } from '../local-stack.ts';
import { application } from '../../roles/shared-names.ts';

interface Filter {
  readonly reason?: string;
  readonly step?: string;
  readonly json: boolean;
}

const selects =
  ({ reason, step }: Filter) =>
  (letter: DeadLetter): boolean =>
    (reason === undefined || letter.reason === reason) && (step === undefined || letter.step === step);

export function addDeadLetters(program: Command): void {
  const group = program
    .command('dead-letters')
    .summary('list and replay records that could not be processed')
    .description(
      'Lists and replays dead letters: records that a step or the sink could not process, kept with the reason. ' +
        'Correct the cause, then replay them.',
    );
  group
    .command('list')
    .summary('print one line per dead letter')
    .description('Prints one line per dead letter: topic/partition@offset, step, reason, detail.')
    .option('--reason <reason>', 'list only dead letters with this reason')
    .option('--step <step>', 'list only dead letters of this step or sink')
    .option('--json', 'print one JSON object per line', false)
    .action((filter: Filter) => withKafka((kafka) => list(kafka, filter)));
  group
    .command('replay')
    .summary('send dead letters back to the topics they came from')
    .description(
      'Sends the original bytes of each dead letter back to its topic. Without a filter, each dead letter is sent only once, however often the command runs. ' +
        'With --reason or --step, every selected dead letter is sent again on each run. Repeats are harmless: validation drops duplicates.',
    )
    .option('--reason <reason>', 'replay only dead letters with this reason')
    .option('--step <step>', 'replay only dead letters of this step or sink')
    .option('--json', 'print the result as JSON', false)
    .action((filter: Filter) => withKafka((kafka) => replay(kafka, filter)));
}

async function withKafka(work: (kafka: Kafka) => Promise<void>): Promise<void> {
  const config = await besideLocalStack(readConfig());
  const log = createLogger('dead-letters', config.LOG_LEVEL);
  const kafka = await openKafkaFor('dead-letters', { config, log, signal: AbortSignal.timeout(30_000) });
  try {
    await work(kafka);
  } finally {
    await kafka.close();
  }
}

async function list({ transport, topics }: Kafka, filter: Filter): Promise<void> {
  const selected = selects(filter);
  let listed = 0;
  for (let partition = 0; partition < (await transport.partitionCount(topics.deadLetters)); partition++) {
    await transport.read({ topic: topics.deadLetters, partition }, (records) => {
      for (const record of records) {
        const letter = readDeadLetter(record);
        if (letter === undefined || !selected(letter)) continue;
        listed += 1;
        const { source, offset, step, reason, detail } = letter;
        console.log(
          filter.json
            ? JSON.stringify({ ...source, offset, step, reason, detail })
            : `${source.topic}/${source.partition}@${offset}  ${step}  ${reason}  ${detail}`,
        );
      }
    });
  }
  if (listed === 0 && !filter.json) console.log(describeNone(filter));
}

function describeNone({ reason, step }: Filter): string {
  const chosen = [
    ...(reason === undefined ? [] : [`reason ${reason}`]),
    ...(step === undefined ? [] : [`step ${step}`]),
  ];
  return chosen.length === 0
    ? 'there are no dead letters'
    : `there are no dead letters with ${chosen.join(' and ')}`;
}

async function replay({ transport, topics, prefix }: Kafka, filter: Filter): Promise<void> {
  const isFiltered = filter.reason !== undefined || filter.step !== undefined;
  const { replayed, skipped, byReason } = await replayDeadLetters({
    transport,
    deadLetterTopic: topics.deadLetters,
    group: `${application(prefix)}-dead-letters`,
    ...(isFiltered ? { select: selects(filter) } : {}),
  });
  const reasons = Object.fromEntries(byReason);
  if (filter.json) console.log(JSON.stringify({ replayed, skipped, reasons }));
  else console.log(`${replayed} dead letters replayed, ${skipped} skipped`);
}
