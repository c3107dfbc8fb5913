/** Runs a short command on Kafka: opens it at the addresses of the environment or the local stack, and closes it again. */
import { createLogger } from '../telemetry/log.ts';
import { readConfig } from '../roles/config.ts';
import { openKafkaFor, type Kafka } from '../roles/connections.ts';
import { besideLocalStack } from './local-stack.ts';

export async function withKafka(command: string, work: (kafka: Kafka) => Promise<void>): Promise<void> {
  const config = await besideLocalStack(readConfig());
  const log = createLogger(command, config.LOG_LEVEL);
  const kafka = await openKafkaFor(command, { config, log, signal: AbortSignal.timeout(30_000) });
  try {
    await work(kafka);
  } finally {
    await kafka.close();
  }
}
