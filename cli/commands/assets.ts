import type { Command } from 'commander';
import { CastwatchError } from '../../base/errors.ts';
import { textFault, textLimits } from '../../base/outside-text.ts';
import { isKnownAsset } from '../../processes/plant.ts';
import { clockReset } from '../../processors/validate/clock.ts';
import { openDefinition } from '../../roles/open-definition.ts';
import type { Kafka } from '../../roles/connections.ts';
import type { SensorReading } from '../../schemas/generated/types.ts';
import { eventId, fixedHeaders } from '../../schemas/headers.ts';
import { addDecision, decided, type DecisionFlags } from '../decision.ts';
import { parseTime, processOption } from '../options.ts';
import { withKafka } from '../with-kafka.ts';

interface Flags extends DecisionFlags {
  readonly process: string;
  readonly to?: number;
  readonly json: boolean;
}

export function addAssets(program: Command): void {
  const group = program
    .command('assets')
    .summary('put the clock of an asset right')
    .description('Commands about single assets.');
  addDecision(
    group
      .command('reset-clock')
      .summary('put the clock of an asset back, after readings with a wrong time have moved it')
      .description(
        'Puts the clock of an asset back, so that right readings are no longer rejected as LATE. Use it after readings with a time far in the future have moved the clock. ' +
          'The command is a record among the readings of the asset, so it takes effect once, and restarts do not undo it. Correct the source first.',
      )
      .argument('<asset>', 'the asset: enterprise/site/area/line/cell')
      .addOption(processOption()),
    { isRequired: true },
  )
    .option('--to <time>', 'the right time, ISO 8601; default now', parseTime)
    .option('--json', 'print the result as JSON', false)
    .action((asset: string, flags: Flags) => resetClock(asset, flags));
}

async function resetClock(asset: string, flags: Flags): Promise<void> {
  const definition = openDefinition(flags);
  if (!isKnownAsset(definition, asset))
    throw new CastwatchError('INPUT', `${asset} is no asset of the process ${definition.process}`, {
      remedy: 'Name the asset as enterprise/site/area/line/cell, and its process definition with --process.',
    });
  const now = Date.now();
  const command = clockReset({ asset, at: flags.to ?? now, ...decided(flags), sequence: now });
  const fault = textFault(command.source, textLimits.name);
  if (fault !== undefined)
    throw new CastwatchError('CONFIGURATION', `The text of --by and --why ${fault}.`, {
      remedy: 'Shorten the reason.',
    });
  await withKafka('assets', (kafka) => send(kafka, command, now));
  const at = new Date(command.eventTime).toISOString();
  if (flags.json) console.log(JSON.stringify({ asset, at, sequence: command.sequence }));
  else console.log(`the clock of ${asset} will be put back to about ${at}`);
}

async function send(
  { transport, serde, topics }: Kafka,
  command: SensorReading,
  timestamp: number,
): Promise<void> {
  const producer = await transport.producer();
  try {
    await producer.send([
      {
        topic: topics.sensorReadings,
        key: command.asset,
        value: serde.codec('sensorReadings').encode(command),
        timestamp,
        headers: { ...fixedHeaders('sensorReadings', '/castwatch/assets'), ce_id: eventId(command) },
      },
    ]);
  } finally {
    await producer.close();
  }
}
