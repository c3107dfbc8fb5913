import type { Command } from 'commander';
import { createLogger } from '../../telemetry/log.ts';
import { readConfig } from '../../roles/config.ts';
import { openKafkaFor, openPool } from '../../roles/connections.ts';
import { describeStandstill } from '../../base/standstill-text.ts';
import { BreakerLog } from '../../stream/index.ts';
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
        const standstills = await new BreakerLog(kafka.transport, kafka.topics.breakers).standstills();
        if (json) console.log(JSON.stringify(lags));
        else {
          for (const { reader, topic, records } of lags)
            console.log(`${reader.padEnd(10)}${topic.padEnd(28)}${records} behind`);
          for (const standstill of standstills) console.log(describeStandstill(standstill));
          if (pool === undefined) console.log('sink      not checked: DATABASE_URL is not set');
        }
      } finally {
        await pool?.end();
        await kafka.close();
      }
    });
}
