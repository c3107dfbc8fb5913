/** Reads the model registry at an interval and makes the model server follow it. */
import { pause } from '../../base/retry.ts';
import type { Entries } from './entries.ts';
import type { ModelRegistry } from './model-registry.ts';
import type { ModelServer } from './model-server.ts';

export interface FollowOptions {
  readonly registry: Pick<ModelRegistry, 'end' | 'entries'>;
  readonly process: string;
  readonly server: ModelServer;
  /** Time between two reads, ms; default 500. */
  readonly everyMs?: number;
  /** Called before the first read, and again until it resolves. */
  readonly begin?: () => Promise<void>;
  /** Called once per outage, when the registry cannot be read. The read is tried again. */
  readonly onProblem?: (error: unknown) => void;
  /** Called after every read that the server has followed. */
  readonly onFollowed?: () => void;
}

export interface Following {
  stop(): Promise<void>;
}

export function followRegistry(options: FollowOptions): Following {
  const stopped = new AbortController();
  const life = run(options, stopped.signal);
  return {
    async stop() {
      stopped.abort();
      await life;
    },
  };
}

async function run(
  { registry, process, server, everyMs = 500, begin, onProblem, onFollowed }: FollowOptions,
  signal: AbortSignal,
): Promise<void> {
  let hasBegun = begin === undefined;
  let read = -1;
  let entries: Entries = [];
  let isAway = false;
  while (!signal.aborted) {
    try {
      if (!hasBegun) await begin?.();
      hasBegun = true;
      // The order matters: the next read sees entries that arrive in between.
      const end = await registry.end(process);
      if (end !== read) entries = await registry.entries(process);
      read = end;
      await server.follow(entries);
      isAway = false;
      onFollowed?.();
    } catch (error) {
      if (!isAway) onProblem?.(error);
      isAway = true;
    }
    await pause(everyMs, signal);
  }
}
