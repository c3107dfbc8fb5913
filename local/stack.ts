/**
 * The local stack: a real Kafka broker, schema registry and PostgreSQL as child processes, all on loopback, with
 * their data in one folder that survives restarts.
 */
import { chmod, mkdir, readFile, rm, statfs } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../base/text.ts';
import { CastwatchError } from '../base/errors.ts';
import { noSpaceError, noSpaceIn, saysNoSpace } from '../base/no-space.ts';
import type { Logger } from '../telemetry/log.ts';
import { startGuard, type Guard, type PartExit } from './guard/guard-client.ts';
import { findJdk } from './parts/jdk.ts';
import { kafkaPart, type SecondListener } from './kafka.ts';
import { stopLeftovers } from './guard/leftovers.ts';
import { acquireLock, requireUnlocked } from './lock.ts';
import type { Part, PartSettings, StackPartName } from './parts/part.ts';
import { ensureParts } from './parts/java-parts.ts';
import { choosePorts, loopback } from './ports.ts';
import { postgresPart } from './postgres/postgres.ts';
import { registryPart, registryUrl } from './registry.ts';
import { findRunning, forgetRunning, lockOf, noteRunning } from './running.ts';

export type { StackPartName } from './parts/part.ts';
export type { PartExit } from './guard/guard-client.ts';

export interface LocalStackOptions {
  /** Created when it is missing. To start afresh, remove it while nothing runs. */
  readonly dataDir: string;
  readonly log: Logger;
  /** Runs only these parts; all when left out. */
  readonly only?: readonly StackPartName[];
  /** Ports that the stack must use. It chooses the others and keeps them while they are free. */
  readonly ports?: Partial<Record<PortName, number>>;
  /** A second listener of the broker, for tests of the network. */
  readonly secondListener?: SecondListener;
  /** For tests: starts faster, but a power cut may lose data. */
  readonly shortLived?: boolean;
  /** Called when a part ends that was not asked to. */
  readonly onPartLost?: (exit: PartExit) => void;
}

export interface LocalStack {
  readonly kafkaBrokers: readonly string[];
  readonly registryUrl: string;
  /** Contains the password: never log it. */
  readonly databaseUrl: string;
  readonly dataDir: string;
  /** Starts a part again after `stopPart` or `kill`; resolves when it answers. */
  start(part: StackPartName): Promise<void>;
  stopPart(part: StackPartName): Promise<void>;
  /** Sends SIGKILL; resolves when the part has ended. */
  kill(part: StackPartName): Promise<void>;
  /** For tests that need a part to hang: SIGSTOP and SIGCONT. */
  signal(part: StackPartName, signal: NodeJS.Signals): void;
  /** Stops all parts; their data stays. */
  stop(): Promise<void>;
}

type PortName = 'broker' | 'controller' | 'registry' | 'registryManagement' | 'database';
const portNames = ['broker', 'controller', 'registry', 'registryManagement', 'database'] as const;
const allParts: readonly StackPartName[] = ['kafka', 'registry', 'database'];

/**
 * @throws CastwatchError ENVIRONMENT when there is no JDK, a port is taken, a folder cannot be written, or the stack is
 *   already running.
 */
export async function startLocalStack(options: LocalStackOptions): Promise<LocalStack> {
  const names = options.only ?? allParts;
  const needsJava = names.includes('kafka') || names.includes('registry');
  const java = needsJava ? (await findJdk()).java : '';
  const wanted = names.filter((name) => name !== 'database');
  await ensureParts(wanted, (line) => {
    options.log.info(line);
  });

  const { dataDir, logDir, runDir } = await makeFolders(options.dataDir);
  const release = await acquireLock(lockOf(dataDir), nameOf(dataDir), await whereToUse(dataDir));
  try {
    await forgetRunning(dataDir);
    const leftovers = await stopLeftovers(runDir);
    if (leftovers.length > 0)
      options.log.warn(`stopped processes that an earlier run left: ${leftovers.join(', ')}`);
    const settings: PartSettings = { dataDir, logDir, java, shortLived: options.shortLived ?? false };
    const ports = await choosePorts(join(dataDir, 'ports.json'), portNames, options.ports);
    const database = await postgresPart(settings, ports.database);
    const registryPorts = { http: ports.registry, management: ports.registryManagement };
    const parts: Record<StackPartName, Part> = {
      kafka: await kafkaPart(settings, ports, options.secondListener),
      registry: await registryPart(settings, registryPorts),
      database,
    };
    const runner = await startRunner(runDir, parts, options);
    await runner.startAll(names);
    const addresses = {
      kafkaBrokers: [`${loopback}:${String(ports.broker)}`],
      registryUrl: registryUrl(registryPorts),
      databaseUrl: database.url,
    };
    await noteRunning(dataDir, {
      ...(names.includes('kafka') ? { kafkaBrokers: addresses.kafkaBrokers } : {}),
      ...(names.includes('registry') ? { registryUrl: addresses.registryUrl } : {}),
      ...(names.includes('database') ? { databaseUrl: addresses.databaseUrl } : {}),
    });
    return {
      ...addresses,
      dataDir,
      ...runner.control,
      async stop() {
        await forgetRunning(dataDir);
        await runner.stopAll();
        await release();
      },
    };
  } catch (error) {
    await release();
    throw noSpaceError(error, dataDir) ?? error;
  }
}

async function makeFolders(given: string): Promise<Record<'dataDir' | 'logDir' | 'runDir', string>> {
  const dataDir = resolve(given);
  const folders = { dataDir, logDir: join(dataDir, 'logs'), runDir: join(dataDir, 'run') };
  try {
    for (const folder of Object.values(folders)) await mkdir(folder, { recursive: true });
    // When we are root, PostgreSQL runs as another user, which must be able to pass through this folder.
    if (process.getuid?.() === 0) await chmod(dataDir, 0o711);
    return folders;
  } catch (cause) {
    const full = noSpaceError(cause, dataDir);
    if (full !== undefined) throw full;
    const reason = messageOf(cause);
    throw new CastwatchError('ENVIRONMENT', `The data folder ${dataDir} cannot be written: ${reason}.`, {
      remedy: 'Make it writable, or choose another folder.',
      cause,
    });
  }
}

const nameOf = (dataDir: string): string => `The local stack in ${resolve(dataDir)}`;

/** @throws CastwatchError ENVIRONMENT when a stack runs on this folder */
export async function requireNotRunning(dataDir: string): Promise<void> {
  await requireUnlocked(lockOf(resolve(dataDir)), nameOf(dataDir), await whereToUse(dataDir));
}

async function whereToUse(dataDir: string): Promise<string> {
  const consoleUrl = (await findRunning(resolve(dataDir)))?.consoleUrl;
  return consoleUrl === undefined ? '' : ` (its console is ${consoleUrl})`;
}

/** Removes the folder with all data of the stack, and PostgreSQL's folder where that is elsewhere. */
export async function removeLocalData(dataDir: string): Promise<void> {
  await requireNotRunning(dataDir);
  const runDir = join(resolve(dataDir), 'run');
  await stopLeftovers(runDir).catch(() => undefined); // no such folder: no process is left
  const elsewhere = await readFile(join(resolve(dataDir), 'postgres-folder'), 'utf8').catch(() => '');
  if (elsewhere !== '') await rm(elsewhere.trim(), { recursive: true, force: true });
  await rm(dataDir, { recursive: true, force: true });
}

interface Runner {
  readonly control: Pick<LocalStack, 'start' | 'stopPart' | 'kill' | 'signal'>;
  startAll(names: readonly StackPartName[]): Promise<void>;
  stopAll(): Promise<void>;
}

async function startRunner(
  runDir: string,
  parts: Record<StackPartName, Part>,
  options: LocalStackOptions,
): Promise<Runner> {
  const expected = new Set<string>();
  const lost = new Map<string, PartExit>();
  const guard = await startGuard(runDir, (exit) => {
    if (expected.has(exit.name)) return;
    lost.set(exit.name, exit);
    options.onPartLost?.(exit);
  });

  const start = async (name: StackPartName): Promise<void> => {
    const part = parts[name];
    lost.delete(name);
    await part.prepare().catch((error: unknown) => {
      throw noSpaceError(error, dirname(runDir)) ?? error;
    });
    await startWithPatience(part, guard, expected);
    expected.delete(name);
    await part.finish?.();
    options.log.debug(`${part.title} is ready`);
  };
  const end = async (name: StackPartName, how: 'stop' | 'kill'): Promise<void> => {
    expected.add(name);
    await guard[how](name);
  };
  const stopAll = async (): Promise<void> => {
    for (const name of [...allParts, 'guard']) expected.add(name);
    await guard.stopAll();
    // Finds something only when the guard itself was killed.
    await stopLeftovers(runDir);
  };
  return {
    control: {
      start,
      stopPart: (name) => end(name, 'stop'),
      kill: (name) => end(name, 'kill'),
      signal: (name, signal) => {
        guard.signal(name, signal);
      },
    },
    async startAll(names) {
      const results = await Promise.allSettled(names.map(start));
      const failed = results.find((result) => result.status === 'rejected');
      if (failed === undefined) return;
      await stopAll();
      throw failed.reason;
    },
    stopAll,
  };
}

/** After a kill, the predecessor's locks and shared memory may block a start for this long. */
const remainsMs = 5_000;

async function startWithPatience(part: Part, guard: Guard, expected: Set<string>): Promise<void> {
  const began = Date.now();
  expected.add(part.name);
  for (;;) {
    try {
      await guard.start(part.name, part.command);
      await untilReady(part, guard);
      return;
    } catch (error) {
      if (guard.isRunning(part.name) || Date.now() - began > remainsMs) throw error;
      await sleep(250);
    }
  }
}

async function untilReady(part: Part, guard: Guard): Promise<void> {
  const end = Date.now() + part.readyTimeoutMs;
  for (;;) {
    if (await part.isReady()) return;
    if (!guard.isRunning(part.name)) throw await neverReady(part, 'ended while starting');
    if (Date.now() > end)
      throw await neverReady(part, `did not answer within ${String(part.readyTimeoutMs / 1000)} s`);
    await sleep(50);
  }
}

async function neverReady(part: Part, how: string): Promise<CastwatchError> {
  const tail = (await readFile(part.command.logFile, 'utf8').catch(() => ''))
    .trim()
    .split('\n')
    .slice(-3)
    .join('\n');
  // Also where the log itself could not be written.
  if (saysNoSpace(tail) || (await isFull(dirname(part.command.logFile))))
    return noSpaceIn(dirname(dirname(part.command.logFile)));
  return new CastwatchError(
    'ENVIRONMENT',
    `The local ${part.title} ${how}. The last lines of ${part.command.logFile}:\n${tail}`,
    {
      remedy: 'If these lines name a port or memory, free it, then start again.',
    },
  );
}

const leastFreeBytes = 1_000_000;

async function isFull(folder: string): Promise<boolean> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize < leastFreeBytes;
}
