import { Option, type Command } from 'commander';
import { createTopics } from '../../schemas/admin.ts';
import { defaultPartitions } from '../../schemas/catalogue.ts';
import { createRegistryClient } from '../../schemas/registry/client.ts';
import { registerSchemas } from '../../schemas/registry/register.ts';
import { readConfig, requireAddresses } from '../../roles/config.ts';
import { besideLocalStack } from '../local-stack.ts';
import { positiveInteger } from '../options.ts';

interface Flags {
  readonly partitions: number;
  readonly retention: 'by-size' | 'by-age';
  readonly clock: 'source' | 'broker';
  readonly json: boolean;
}

export function addTopics(program: Command): void {
  program
    .command('topics')
    .summary('create topics and register their schemas')
    .description(
      'Creates all topics of Castwatch and registers their schemas. It leaves topics that exist as they are, and reports where their settings differ. Repeating it changes nothing.',
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
    .option('--json', 'print the result as JSON', false)
    .action(async ({ partitions, retention, clock, json }: Flags) => {
      const config = await besideLocalStack(readConfig());
      const { brokers, registryUrl } = requireAddresses(config, 'brokers', 'registryUrl');
      const prefix = config.TOPIC_PREFIX;
      const topics = await createTopics({ brokers, partitions, prefix, retention, clock });
      const schemas = await registerSchemas(createRegistryClient({ url: registryUrl }), { prefix });
      if (json) {
        console.log(JSON.stringify({ ...topics, schemas }));
        return;
      }
      console.log(
        `${topics.created.length} topics created, ${topics.existing.length} existed already; ${schemas.length} schemas registered`,
      );
      for (const difference of topics.differences) console.log(`differs: ${difference}`);
    });
}
