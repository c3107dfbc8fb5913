/** The form of an entry in the list of kinds, and what the program that opens a source provides. */
import { CastwatchError } from '../base/errors.ts';
import type { OfflineRecord } from '../processors/offline.ts';
import type { ProcessDefinition } from '../processes/schema.ts';
import type { FlagName, SourceFlags } from './source-flags.ts';
import type { StoredReadings } from './kept/database.ts';
import type { KeptTopics } from './kept/topic.ts';
import type { InputProblem } from './input-problems.ts';
import type { ProductionSpan } from './simulator/truth.ts';
import type { Live, Replayable } from './source.ts';

/** What the program that opens a source provides. A source uses only the parts that it needs. */
export interface Surroundings {
  /** Called with the first few problems of each reason. */
  readonly onProblem?: (problem: InputProblem) => void;
  /** Called with every span that a simulation judges. */
  readonly onSpan?: (span: ProductionSpan) => void;
  /** Called with the share of kept history that has been read, 0 to 1. */
  readonly onRead?: (share: number) => void;
  /** The folder for positions of live sources, one for each installation and process definition; created when missing. */
  readonly positions?: string;
  /** Opens the input topics of a running Castwatch. */
  readonly topics?: () => Promise<KeptTopics>;
  /** Opens the database of a running Castwatch. */
  readonly stored?: () => Promise<StoredReadings>;
}

interface Entry<Is extends string, Opened> {
  readonly is: Is;
  /** One line for `--help` and the docs. */
  readonly help: string;
  /** The flags that the kind reads. It ignores the others. */
  readonly flags: readonly FlagName[];
  /**
   * Makes the source, without reading records yet.
   * @throws CastwatchError CONFIGURATION, DEFINITION or INPUT when the source can never work with these arguments
   */
  open(
    definition: ProcessDefinition,
    flags: SourceFlags,
    surroundings: Surroundings,
  ): Opened | Promise<Opened>;
}

/** Gives the same records at each iteration. */
export interface ReplayableKind extends Entry<'replayable', Replayable> {
  /** Its time is not fixed by data: it starts at `--start-time`, and at plant speed it follows the clock. */
  readonly simulated?: true;
}

/** A kind that is replayable, but never published, because its records are on the topics or in the tables already. */
export type KeptKind = Entry<'kept', Replayable<OfflineRecord>>;

/** Receives each value once. */
export type LiveKind = Entry<'live', Live>;

export type Kind = ReplayableKind | KeptKind | LiveKind;

/** @throws CastwatchError BUG when the program that opens a source did not give it what it needs */
export function given<T>(part: T | undefined, what: string): T {
  if (part === undefined) throw new CastwatchError('BUG', `a source was opened without ${what}`);
  return part;
}
