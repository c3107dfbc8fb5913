/** The runtime with a step that does nothing: it decodes, passes on and encodes records, in transactions. */
import { openKafka } from '../../roles/connections.ts';
import { publishedHeader } from '../../roles/shared-names.ts';
import { fixedHeaders } from '../../schemas/headers.ts';
import type { SensorReading } from '../../schemas/generated/types.ts';
import { emit, startStreamApp, type Input, type Output, type Step } from '../../stream/index.ts';
import { createLogger } from '../../telemetry/log.ts';
import type { ScriptOptions } from './script.ts';

const { brokers, registryUrl, prefix, group, input, output } = JSON.parse(
  process.argv[2] ?? '{}',
) as ScriptOptions;
const log = createLogger('bench', 'warn');
const kafka = await openKafka({ brokers, registryUrl, prefix, clientId: group, log });
const codec = kafka.serde.codec('sensorReadings');

const pass: Step<Input<'in', SensorReading>, Output<'out', SensorReading>, undefined> = {
  name: 'through',
  create: () => undefined,
  process: ({ input: { value }, key, timestamp }) => emit({ to: 'out', key, timestamp, value }),
};
const app = startStreamApp(
  {
    step: pass,
    inputs: { in: { topic: input, codec, role: 'stream' } },
    outputs: { out: { topic: output, codec, headers: fixedHeaders('sensorReadings', '/castwatch/bench') } },
  },
  {
    transport: kafka.transport,
    application: group.replace(/-through$/, ''),
    deadLetterTopic: kafka.topics.deadLetters,
    carryHeaders: [publishedHeader],
    log,
  },
);
const watch = setInterval(() => {
  if (app.status().state !== 'running') return;
  process.send?.('ready');
  clearInterval(watch);
}, 20);
process.once('SIGTERM', () => {
  void app.stop().then(() => process.exit());
});
