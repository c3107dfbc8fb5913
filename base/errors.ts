/**
 * What can go wrong outside the program's own logic, as a closed list of codes. Outcomes of the data are
 * values, never exceptions; these are for lost parts, wrong input to a command, and bugs.
 */

/** Stated in `stream/`, which imports nothing of ours. Its text alone: `messageOf` in text.ts. */
export { toError } from '../stream/errors.ts';

export type ErrorCode =
  /** A flag, an environment variable or a configuration file is wrong. */
  | 'CONFIGURATION'
  /** A process definition does not hold; the message has path and line. */
  | 'DEFINITION'
  /** A file given as input cannot be read as what it should be. */
  | 'INPUT'
  /** Something that must be on the machine is not (a JDK, Maven, a free port, a folder that may be written). */
  | 'ENVIRONMENT'
  | 'KAFKA_UNAVAILABLE'
  | 'REGISTRY_UNAVAILABLE'
  /** The registry refused a schema, or a record's schema cannot be read by ours. */
  | 'SCHEMA_INCOMPATIBLE'
  | 'DATABASE_UNAVAILABLE'
  /** The database answers and says no (permissions, missing tables, another version). */
  | 'DATABASE_REFUSED'
  /** A model bundle is missing, corrupt, or not made for these inputs. */
  | 'MODEL'
  /** The run finished and its results do not reconcile. */
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
  /** One sentence: what the reader can do about it. */
  readonly remedy?: string;
}

export class CastwatchError extends Error {
  override readonly name = 'CastwatchError';
  readonly code: ErrorCode;
  readonly remedy: string | undefined;

  /** @param message names the thing and the place: "processes/casting.yaml:14 tags[2].range: …" */
  constructor(code: ErrorCode, message: string, options: CastwatchErrorOptions = {}) {
    super(message, options);
    this.code = code;
    this.remedy = options.remedy;
  }
}
