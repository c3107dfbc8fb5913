/** Starts a local stack in the folder given, says so on stdout, and holds it until it is killed. For tests of that. */
import { startLocalStack } from '../../local/stack.ts';
import { createLogger } from '../../telemetry/log.ts';

const stack = await startLocalStack({
  dataDir: process.argv[2] ?? '',
  only: ['kafka', 'database'],
  log: createLogger('test', 'warn'),
  shortLived: true,
});
process.stdout.write(`${JSON.stringify({ kafkaBrokers: stack.kafkaBrokers })}\n`);
setInterval(() => undefined, 60_000);
