/** The stack's side of the guard: starts, stops and kills parts, and reports when one ends. */
import { fork, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { CastwatchError } from '../../base/errors.ts';
import type { Command, FromGuard, ToGuard } from './guard-protocol.ts';

export interface PartExit {
  readonly name: string;
  readonly code: number | null;
  readonly signal: string | null;
}

export interface Guard {
  /** Resolves when the process runs. It may not be ready yet. */
  start(name: string, command: Command): Promise<void>;
  /** Resolves when the process has ended. */
  stop(name: string): Promise<void>;
  kill(name: string): Promise<void>;
  signal(name: string, signal: NodeJS.Signals): void;
  isRunning(name: string): boolean;
  stopAll(): Promise<void>;
}

/** @param onExit called at every end of a part, intended or not, and at an unintended end of the guard, as `guard`. */
export async function startGuard(runFolder: string, onExit: (exit: PartExit) => void): Promise<Guard> {
  const child = fork(join(import.meta.dirname, 'guard.ts'), [runFolder], {
    detached: true,
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    execArgv: [],
  });
  const running = new Set<string>();
  const waiting = new Map<string, ((message: FromGuard) => void)[]>();
  let closed = false;

  const expect = (name: string): Promise<FromGuard> =>
    new Promise((resolve) => waiting.set(name, [...(waiting.get(name) ?? []), resolve]));

  const settle = (name: string, message: FromGuard): void => {
    const all = waiting.get(name) ?? [];
    waiting.delete(name);
    for (const resolve of all) resolve(message);
  };

  child.on('message', (message: FromGuard) => {
    const name = message.kind === 'ready' ? 'guard' : message.name;
    if (message.kind === 'started') running.add(name);
    if (message.kind === 'exited') {
      running.delete(name);
      onExit(message);
    }
    settle(name, message);
  });
  const gone = new Promise<void>((resolve) => {
    child.once('exit', (code, signal) => {
      for (const name of waiting.keys())
        settle(name, { kind: 'failed', name, message: 'the guard process ended' });
      if (!closed) onExit({ name: 'guard', code, signal });
      running.clear();
      resolve();
    });
  });
  const send = (message: ToGuard): void => {
    if (child.connected) child.send(message, () => undefined);
  };
  const end = async (name: string, message: ToGuard): Promise<void> => {
    if (!running.has(name)) return;
    const exited = expect(name);
    send(message);
    await exited;
  };

  const first = await expect('guard');
  if (first.kind !== 'ready')
    throw new CastwatchError('BUG', 'The guard process of the local stack did not start.');
  child.unref();
  child.channel?.unref();

  return {
    async start(name, command) {
      const answer = expect(name);
      send({ kind: 'start', name, command });
      const outcome = await awake(child, answer);
      if (outcome.kind === 'started') return;
      const why = outcome.kind === 'failed' ? outcome.message : `it ended at once; see ${command.logFile}`;
      throw new CastwatchError('ENVIRONMENT', `The local ${name} did not start: ${why}.`);
    },
    stop: (name) => awake(child, end(name, { kind: 'stop', name })),
    kill: (name) => awake(child, end(name, { kind: 'signal', name, signal: 'SIGKILL' })),
    signal(name, signal) {
      send({ kind: 'signal', name, signal });
    },
    isRunning: (name) => running.has(name),
    async stopAll() {
      closed = true;
      send({ kind: 'stop-all' });
      await awake(child, gone);
    },
  };
}

/** Keeps the event loop alive while waiting for an answer of the guard, and only then. */
async function awake<T>(child: ChildProcess, answer: Promise<T>): Promise<T> {
  const timer = setInterval(() => undefined, 60_000);
  child.ref();
  try {
    return await answer;
  } finally {
    clearInterval(timer);
    child.unref();
  }
}
