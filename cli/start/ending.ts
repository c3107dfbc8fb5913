/** How a run ends: by its own end, because somebody asks, or because it cannot go on. */
import { CastwatchError } from '../../base/errors.ts';

export interface Ending {
  isAsked(): boolean;
  /** The promise, or undefined when the end is asked for before. @throws CastwatchError when it cannot go on */
  orAsked<T>(promise: Promise<T>): Promise<T | undefined>;
  readonly fail: (reason: string) => void;
  forget(): void;
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** One Ctrl-C comes twice when npm, which gets it from the terminal as we do, passes it on. */
const echoMs = 1_000;

/** The first Ctrl-C stops in order; the second ends at once, and guard and roles see to themselves. */
export function listenForTheEnd(): Ending {
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  promise.catch(() => undefined); // looked at by `orAsked`
  let asked: number | undefined;
  const onSignal = (): void => {
    const now = performance.now();
    if (asked !== undefined && now - asked > echoMs) process.exit(130);
    asked ??= now;
    resolve(undefined);
  };
  for (const signal of signals) process.on(signal, onSignal);
  return {
    isAsked: () => asked !== undefined,
    orAsked: (other) => Promise.race([promise, other]),
    fail(reason) {
      reject(new CastwatchError('ENVIRONMENT', `It cannot go on: ${reason}.`));
    },
    forget() {
      for (const signal of signals) process.off(signal, onSignal);
    },
  };
}
