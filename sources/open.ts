/** One way to open any source, so that what is published, judged by the oracle and trained on is the same. */
import type { ProcessDefinition } from '../processes/schema.ts';
import { createCsvSource, type CsvProblem } from './csv/csv.ts';
import { withFaults, type FaultKind } from './faults/faults.ts';
import { createSimulator } from './simulator/simulator.ts';
import type { Source } from './source.ts';

export type SourceChoice =
  | {
      readonly kind: 'simulator';
      /** First scan, ms since the epoch. */
      readonly start: number;
      /** ms of plant time; without end when left out. */
      readonly duration?: number;
    }
  | {
      readonly kind: 'csv';
      readonly files: readonly string[];
      readonly onProblem?: (problem: CsvProblem) => void;
    };

export interface OpenOptions {
  readonly definition: ProcessDefinition;
  readonly choice: SourceChoice;
  /** Of the simulation and of the faults. */
  readonly seed: string | number;
  readonly faults?: readonly FaultKind[];
}

/** @throws CastwatchError DEFINITION or INPUT when the source does not fit the definition */
export async function openSource({ definition, choice, seed, faults = [] }: OpenOptions): Promise<Source> {
  const source =
    choice.kind === 'simulator'
      ? createSimulator({ definition, seed, ...choice })
      : await createCsvSource({ definition, ...choice });
  return faults.length === 0 ? source : withFaults({ source, definition, seed, kinds: faults });
}
