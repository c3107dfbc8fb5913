/**
 * What a database error means for a batch.
 *
 * By SQLSTATE (PostgreSQL, appendix A): classes 22 (data exception), 23 (integrity constraint) and 54
 * (program limit, such as a key too long for its index) are the data's fault and come back however often
 * one tries. Everything else is the server's: it passes, or somebody mends it.
 */
export interface Failure {
  /** `data`: the database refuses these very rows. `outage`: nothing wrong with them, wait and try again. */
  readonly kind: 'data' | 'outage';
  readonly message: string;
  readonly remedy: string;
}

export function failureOf(error: unknown): Failure {
  const { code, message } = describe(error);
  if (/^(22|23|54)/.test(code))
    return { kind: 'data', message: `${message} (SQLSTATE ${code})`, remedy: 'look at the dead letter' };
  // `timestampText` could not write the time.
  if (error instanceof RangeError) return { kind: 'data', message, remedy: 'look at the dead letter' };
  return { kind: 'outage', message: code === '' ? message : `${message} (${code})`, remedy: remedyFor(code) };
}

const remedies: readonly (readonly [RegExp, string])[] = [
  [/^42(P01|703|883)$|^3F000$/, 'the tables are not those of this version: run `castwatch migrate`'],
  [/^42501$/, 'give the user the role castwatch_writer'],
  [/^28/, 'check the user and the password in DATABASE_URL'],
  [/^3D000$/, 'create the database named in DATABASE_URL'],
  [/^53100$/, 'free space on the database disk'],
  [/^53300$/, 'raise max_connections, or close other clients'],
  [/^25006$/, 'the server is read-only: a standby, or full; point DATABASE_URL at the primary'],
];

export const remedyFor = (code: string): string =>
  remedies.find(([pattern]) => pattern.test(code))?.[1] ?? 'see that the database is up and reachable';

/** An `AggregateError` (all addresses refused) says nothing itself; its parts do. */
function describe(error: unknown): { code: string; message: string } {
  if (error instanceof AggregateError && error.errors.length > 0) return describe(error.errors[0]);
  if (!(error instanceof Error)) return { code: '', message: String(error) };
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return { code, message: error.message === '' ? error.name : error.message };
}
