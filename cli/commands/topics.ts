import { Option, type Command } from 'commander';
import { CastwatchError } from '../../base/errors.ts';
import { stepNames } from '../../processors/topology.ts';
import { topicsOf } from '../../processors/wiring.ts';
import type { Kafka } from '../../roles/connections.ts';
import { application, stepGroup } from '../../roles/shared-names.ts';
import { addPartitions, createTopics, groupsInUse } from '../../schemas/admin.ts';
import { repartition } from '../../stream/index.ts';
import { defaultPartitions } from '../../schemas/catalogue.ts';
import { createRegistryClient } from '../../schemas/registry/client.ts';
import { registerSchemas } from '../../schemas/registry/register.ts';
import { readConfig, requireAddresses } from '../../roles/config.ts';
import { besideLocalStack } from '../local-stack.ts';
import { positiveInteger } from '../options.ts';
import { withKafka } from '../with-kafka.ts';

interface Flags {
  readonly partitions: number;
  readonly retention: 'by-size' | 'by-age';
  readonly clock: 'source' | 'broker';
  readonly fix: boolean;
  readonly json: boolean;
}

export function addTopics(program: Command): void {
  const command = program.command('topics');
  addRepartition(command);
  command
    .summary('create topics and register their schemas')
    .description(
      'Creates all topics of Castwatch and registers their schemas. It reports where the settings of topics differ, with what follows from it and what to do, and changes them only with --fix. Repeating it changes nothing.',
    )
    .option('--partitions <n>', 'number of partitions of each new topic', positiveInteger, defaultPartitions)
    .addOption(
      new Option(
        '--retention <how>',
        'when the broker deletes old records. by-size: when a partition grows too large; safe for replayed history, whose timestamps are old. by-age: when their timestamps are too old',
      )
        .choices(['by-size', 'by-age'])
        .default('by-size'),
    )
    .addOption(
      new Option(
        '--clock <whose>',
        'whose time the records on the topics of producers have. source: the time that the producer states, as replays need it. broker: the time when the broker took the record, so that no producer can publish ahead of time; for plants whose sources are live',
      )
        .choices(['source', 'broker'])
        .default('source'),
    )
    .option('--fix', 'set the settings that differ, also of topics that existed already', false)
    .option('--json', 'print the result as JSON', false)
    .action(async ({ partitions, retention, clock, fix, json }: Flags) => {
      const config = await besideLocalStack(readConfig());
      const { brokers, registryUrl } = requireAddresses(config, 'brokers', 'registryUrl');
      const prefix = config.TOPIC_PREFIX;
      const topics = await createTopics({ brokers, partitions, prefix, retention, clock, fix });
      const schemas = await registerSchemas(createRegistryClient({ url: registryUrl }), { prefix });
      if (json) {
        console.log(JSON.stringify({ ...topics, schemas }));
        return;
      }
      console.log(
        `${topics.created.length} topics created, ${topics.existing.length} existed already; ${schemas.length} schemas registered`,
      );
      for (const setting of topics.fixed) console.log(`set: ${setting}`);
      for (const difference of topics.differences) console.log(`differs: ${difference}`);
    });
}

function addRepartition(topics: Command): void {
  topics
    .command('repartition')
    .summary('give the topics more partitions, and move the states of the steps')
    .description(
      'More partitions give assets other places, so the states of the steps have to move with them. ' +
        'Stop what publishes readings, let the steps catch up (`status`), stop all process roles, then run this. ' +
        'The new number must be a multiple of the old one. Repeating it changes nothing; an interrupted run is completed by the next.',
    )
    .requiredOption('--to <n>', 'required: the new number of partitions', positiveInteger)
    .option('--json', 'print the result as JSON', false)
    .action(({ to, json }: { readonly to: number; readonly json: boolean }) =>
      withKafka('repartition', (kafka) => runRepartition(kafka, to, json)),
    );
}

async function runRepartition(
  { transport, prefix, topics }: Kafka,
  partitions: number,
  json: boolean,
): Promise<void> {
  const { brokers } = requireAddresses(await besideLocalStack(readConfig()), 'brokers');
  const running = await groupsInUse(
    brokers,
    stepNames.map((step) => stepGroup(prefix, step)),
  );
  if (running.length > 0)
    throw new CastwatchError(
      'CONFIGURATION',
      `The groups ${running.join(', ')} have members: their steps are running.`,
      {
        remedy: 'Stop all process roles, then run it again.',
      },
    );
  let grown: readonly string[] = [];
  const steps = await repartition({
    transport,
    partitions,
    application: application(prefix),
    steps: stepNames.map((step) => topicsOf(step, topics)),
    grow: async () => {
      grown = await addPartitions({ brokers, partitions, prefix });
    },
  });
  if (json) console.log(JSON.stringify({ partitions, grown, steps }));
  else {
    console.log(`${grown.length} topics have ${partitions} partitions now`);
    for (const { step, before, keys, moved } of steps)
      console.log(
        `${step.padEnd(10)} from ${before} to ${partitions} partitions: the states of ${moved} of ${keys} keys have moved`,
      );
  }
}
