import type { Command } from 'commander';
import { createLogger } from '../../telemetry/log.ts';
import { readConfig } from '../../roles/config.ts';
import { openKafkaFor, openPool, type Kafka } from '../../roles/connections.ts';
import { describeStandstill } from '../../base/standstill-text.ts';
import { BreakerLog, StreamError } from '../../stream/index.ts';
import { allLag } from '../../proof/lag.ts';
import { besideLocalStack } from '../local-stack.ts';

export function addStatus(program: Command): void {
  program
    .command('status')
    .summary('show how far each step and the sink are behind')
    .description(
      'Prints, for each step and for the sink, the number of records on each input topic that it has not processed yet, and what a breaker has stopped.',
    )
    .option('--json', 'print the numbers as JSON', false)
    .action(async ({ json }: { readonly json: boolean }) => {
      const config = await besideLocalStack(readConfig());
      const databaseUrl = config.DATABASE_URL;
      const log = createLogger('status', config.LOG_LEVEL);
      const kafka = await openKafkaFor('status', { config, log, signal: AbortSignal.timeout(10_000) });
      const pool = databaseUrl === undefined ? undefined : openPool(databaseUrl);
      try {
        const lags = await allLag({ ...kafka, pool });
        const standstills = await readStandstills(kafka);
        if (json) console.log(JSON.stringify(lags));
        else {
          for (const { reader, topic, records } of lags)
            console.log(`${reader.padEnd(10)}${topic.padEnd(28)}${records} behind`);
          for (const line of standstills) console.log(line);
          if (pool === undefined) console.log('sink      not checked: DATABASE_URL is not set');
        }
      } finally {
        await pool?.end();
        await kafka.close();
      }
    });
}

/** A topic that an earlier version did not have must not hide how far the steps are. */
async function readStandstills({ transport, topics }: Kafka): Promise<readonly string[]> {
  try {
    return (await new BreakerLog(transport, topics.breakers).standstills()).map(describeStandstill);
  } catch (error) {
    if (!(error instanceof StreamError && error.code === 'TOPIC_MISSING')) throw error;
    return [`breakers  not checked: ${error.message}; run \`castwatch topics\``];
  }
}
