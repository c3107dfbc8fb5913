/**
 * Decides what a database error means for a batch, by SQLSTATE (PostgreSQL, appendix A). Classes 22 (data exception),
 * 23 (integrity constraint) and 54 (program limit, such as a key too long for its index) are caused by the data: trying
 * again does not help. All other errors are caused by the server: they pass, or an operator must fix them.
 */
export interface Failure {
  /** `data`: the database refuses these rows. `outage`: the rows may be stored later; wait and try again. */
  readonly kind: 'data' | 'outage';
  /** The batch itself may be the cause: it needs more memory, locks or time than the server has for one statement. */
  readonly mayBeSize?: boolean;
  readonly message: string;
  readonly remedy: string;
}

/** Node's code for a stream that its signal has ended: our time limit for COPY. */
const endedCopy = 'ABORT_ERR';

export function failureOf(error: unknown): Failure {
  const { code, message } = describe(error);
  if (/^(22|23|54)/.test(code))
    return { kind: 'data', message: `${message} (SQLSTATE ${code})`, remedy: 'look at the dead letter' };
  if (code === endedCopy)
    return { kind: 'outage', message: 'COPY did not end in time', remedy: remedyFor(code), mayBeSize: true };
  // `timestampText` could not write the time.
  if (error instanceof RangeError) return { kind: 'data', message, remedy: 'look at the dead letter' };
  return {
    kind: 'outage',
    message: code === '' ? message : `${message} (${code})`,
    remedy: remedyFor(code),
    // pg ends a query that takes too long with an error that has no code.
    mayBeSize: /^(53200|53400|57014)$/.test(code) || message === 'Query read timeout',
  };
}

/**
 * Whether the connection leads to a server that no longer serves us: read-only after a fail-over (25006), shutting down
 * (57P01 to 57P03), or lost (class 08). A new connection resolves the server's name again.
 */
export function leadsNowhere(error: unknown): boolean {
  return /^(25006|57P0[123]|08...)$/.test(describe(error).code);
}

const remedies: readonly (readonly [RegExp, string])[] = [
  [/^42(P01|703|883)$|^3F000$/, 'the tables do not match this version; run `castwatch migrate`'],
  [/^42501$/, 'give the user the role castwatch_writer'],
  [/^28/, 'check the user and the password in DATABASE_URL'],
  [/^3D000$/, 'create the database named in DATABASE_URL'],
  [/^53100$/, 'free space on the database disk'],
  [/^53300$/, 'raise max_connections, or close other clients'],
  [/^25006$/, 'the server is read-only: a standby, or full; point DATABASE_URL at the primary'],
];

export const remedyFor = (code: string): string =>
  remedies.find(([pattern]) => pattern.test(code))?.[1] ?? 'check that the database is up and reachable';

/** Returns code and message of an error. An `AggregateError` (all addresses refused) has them in its parts. */
function describe(error: unknown): { code: string; message: string } {
  if (error instanceof AggregateError && error.errors.length > 0) return describe(error.errors[0]);
  if (!(error instanceof Error)) return { code: '', message: String(error) };
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return { code, message: error.message === '' ? error.name : error.message };
}
