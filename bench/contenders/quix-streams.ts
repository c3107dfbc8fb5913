/** The peer on Quix Streams: the same steps in Python, from bench/peers/quix. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { schemaText } from '../../schemas/avro/avro-types.ts';
import { buildQuixPeer } from '../peers/build-quix.ts';
import { definitionForPeers } from '../peers/definition.ts';
import { Child } from './child.ts';
import {
  runningUntilCommitted,
  type Contender,
  type RecordCounts,
  type Run,
  type Running,
} from './contender.ts';
import { tunedStreams } from './kafka-streams.ts';

const topics = ['sensorReadings', 'mesEvents', 'validatedReadings', 'rejectedReadings', 'features'] as const;

/** @param most about the number of records that it processes in 15 s */
export const quixStreams = (name: string, title: string, most: RecordCounts): Contender => ({
  name,
  title,
  most,
  async prepare(say) {
    const built = await buildQuixPeer(say);
    return built.kind === 'built' ? { ready: true } : { ready: false, why: built.why };
  },
  start,
});

async function start({ kafka, brokers, definition, folder, schemaIds }: Run): Promise<Running> {
  const built = await buildQuixPeer(() => undefined);
  if (built.kind === 'missing') throw new Error(built.why);
  const applicationId = `${kafka.prefix}quix-streams`;
  const stateDir = join(folder, 'quix-streams');
  mkdirSync(stateDir, { recursive: true });
  const config = join(folder, 'quix-streams.json');
  writeFileSync(
    config,
    JSON.stringify({
      brokers: brokers.join(','),
      applicationId,
      stateDir,
      commitIntervalMs: tunedStreams.commitIntervalMs,
      topics: kafka.topics,
      schemaIds,
      schemas: Object.fromEntries(topics.map((topic) => [topic, JSON.parse(schemaText(topic)) as unknown])),
      definition: definitionForPeers(definition),
    }),
  );
  const child = new Child({
    file: built.python,
    args: [built.app, config],
    logFile: join(folder, 'quix-streams.log'),
    ready: 'state RUNNING',
  });
  await child.untilReady();
  return runningUntilCommitted(child, kafka, applicationId, kafka.topics.sensorReadings);
}
