/**
 * Errors from outside the program's own logic, as a closed list of codes. Outcomes of the data are
 * values, never exceptions. Exceptions are for unreachable servers, wrong input to a command, and bugs.
 */

/** Defined in `stream/`, which imports nothing of ours. For the text alone, use `messageOf` in text.ts. */
export { toError } from '../stream/errors.ts';

export type ErrorCode =
  /** A flag, an environment variable or a configuration file is wrong. */
  | 'CONFIGURATION'
  /** A process definition is invalid; the message has path and line. */
  | 'DEFINITION'
  /** An input file cannot be read in the expected format. */
  | 'INPUT'
  /** Something that the machine must have is missing (a JDK, Maven, a free port, a writable folder). */
  | 'ENVIRONMENT'
  | 'KAFKA_UNAVAILABLE'
  | 'REGISTRY_UNAVAILABLE'
  /** The schema registry refused a schema, or our schema cannot read a record's schema. */
  | 'SCHEMA_INCOMPATIBLE'
  | 'DATABASE_UNAVAILABLE'
  /** The database answers with a refusal (permissions, missing tables, another version). */
  | 'DATABASE_REFUSED'
  /** A model bundle is missing, corrupt, or made for other inputs. */
  | 'MODEL'
  /** The run finished, but its results do not reconcile. */
  | 'RECONCILIATION'
  | 'BUG';

/** Exit codes of the CLI, by error code (sysexits.h where one fits). */
export const exitCodes: Readonly<Record<ErrorCode, number>> = {
  CONFIGURATION: 64,
  DEFINITION: 65,
  INPUT: 65,
  ENVIRONMENT: 69,
  KAFKA_UNAVAILABLE: 69,
  REGISTRY_UNAVAILABLE: 69,
  SCHEMA_INCOMPATIBLE: 76,
  DATABASE_UNAVAILABLE: 69,
  DATABASE_REFUSED: 77,
  MODEL: 65,
  RECONCILIATION: 1,
  BUG: 70,
};

export interface CastwatchErrorOptions extends ErrorOptions {
  /** One sentence: what the reader can do. */
  readonly remedy?: string;
}

export class CastwatchError extends Error {
  override readonly name = 'CastwatchError';
  readonly code: ErrorCode;
  readonly remedy: string | undefined;

  /** @param message names the object and the place: "processes/casting.yaml:14 tags[2].range: …" */
  constructor(code: ErrorCode, message: string, options: CastwatchErrorOptions = {}) {
    super(message, options);
    this.code = code;
    this.remedy = options.remedy;
  }
}
