/** One local stack per test run, started by the first test that asks for it and stopped at the end of the run. */
import { randomBytes } from 'node:crypto';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newDatabase } from '../../local/postgres/new-database.ts';
import { removeLocalData, startLocalStack, type LocalStack } from '../../local/stack.ts';
import { createLogger } from '../../telemetry/log.ts';

let running: Promise<LocalStack> | undefined;

/** The real Kafka, registry and PostgreSQL. Shared: use `uniquePrefix` and `uniqueDatabase`, and leave its parts running. */
export function localStack(): Promise<LocalStack> {
  running ??= startOwnStack();
  return running;
}

/** A stack for one test that kills parts or looks at restarts; to be given to `discardStack` in the end. */
export async function startOwnStack(dataDir?: string): Promise<LocalStack> {
  return startLocalStack({
    dataDir: dataDir ?? (await mkdtemp(join(tmpdir(), 'castwatch-test-'))),
    log: createLogger('test', process.env['LOG_LEVEL'] ?? 'warn'),
    shortLived: true,
  });
}

/** Stops it, and removes all it kept. */
export async function discardStack(stack: LocalStack): Promise<void> {
  await stack.stop();
  await removeLocalData(stack.dataDir);
}

/** For the root hook: nothing happens when no test asked for a stack. */
export async function stopLocalStack(): Promise<void> {
  if (running === undefined) return;
  const stack = await running.catch(() => undefined); // the test that asked has reported it
  running = undefined;
  if (stack === undefined) return;
  await discardStack(stack);
}

/** `t-3f9c2a-`: to put before topics, groups and transactional ids, so that tests do not meet each other. */
export function uniquePrefix(): string {
  return `t-${randomBytes(4).toString('hex')}-`;
}

/** A new, empty database on the shared stack. @returns its URL */
export async function uniqueDatabase(): Promise<string> {
  const { databaseUrl } = await localStack();
  return newDatabase(databaseUrl, `t_${randomBytes(4).toString('hex')}`);
}
