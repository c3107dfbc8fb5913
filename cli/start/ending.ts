/** How a run ends: its work is done, an operator stops it, or it cannot continue. */
import { CastwatchError } from '../../base/errors.ts';

export interface Ending {
  isAsked(): boolean;
  /**
   * Resolves with the promise's value, or with undefined when a signal asks for the end first.
   * @throws CastwatchError ENVIRONMENT when `fail` was called
   */
  orAsked<T>(promise: Promise<T>): Promise<T | undefined>;
  readonly fail: (reason: string) => void;
  forget(): void;
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Under npm one Ctrl-C arrives twice, within ms: the terminal sends it to us and to npm, and npm passes it on. */
const echoMs = 1_000;

/** The first Ctrl-C stops everything in order. The second ends at once; guard and roles then stop on their own. */
export function listenForTheEnd(): Ending {
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  promise.catch(() => undefined); // `orAsked` handles the rejection
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
      reject(new CastwatchError('ENVIRONMENT', `The run cannot continue: ${reason}.`));
    },
    forget() {
      for (const signal of signals) process.off(signal, onSignal);
    },
  };
}
