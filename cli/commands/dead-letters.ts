import type { Command } from 'commander';
import { readDeadLetter, replayDeadLetters, type DeadLetter } from '../../stream/index.ts';
import { createLogger } from '../../telemetry/log.ts';
import { readConfig } from '../../roles/config.ts';
import { openKafkaFor, type Kafka } from '../../roles/connections.ts';
import { besideLocalStack } from '../local-stack.ts';
import { application } from '../../roles/names.ts';

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
  const group = program.command('dead-letters').summary('look at dead letters and replay them');
  group
    .command('list')
    .summary('one line per dead letter')
    .option('--reason <reason>', 'only those with this reason')
    .option('--step <step>', 'only those of this step or sink')
    .option('--json', 'one JSON object per line', false)
    .action((filter: Filter) => withKafka((kafka) => list(kafka, filter)));
  group
    .command('replay')
    .summary('send dead letters to where they came from')
    .description(
      'Sends the original bytes back to their topics, each letter once. With --reason or --step, those selected are sent again each time; repeats are harmless, since validation knows its duplicates.',
    )
    .option('--reason <reason>', 'only those with this reason')
    .option('--step <step>', 'only those of this step or sink')
    .option('--json', 'say it in JSON', false)
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
  else console.log(`${replayed} dead letters replayed, ${skipped} left alone`);
}
