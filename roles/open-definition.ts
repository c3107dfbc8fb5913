/** Loads the process definition that a command works with. */
import { loadDefinition } from '../processes/load.ts';
import { withCells } from '../processes/plant.ts';
import { checkStateSizes } from '../processors/state-sizes.ts';
import type { ProcessDefinition } from '../processes/schema.ts';

export interface PlantFlags {
  readonly process: string;
  /** Number of cells; overrides the cells in the definition. */
  readonly cells?: number | undefined;
}

export function openDefinition({ process, cells }: PlantFlags): ProcessDefinition {
  const definition = loadDefinition(process);
  checkStateSizes(definition, process);
  return cells === undefined ? definition : withCells(definition, cellNames(definition, cells));
}

/** The names in the definition first, then names that continue them: after `S1, S2` comes `S3`. */
function cellNames(definition: ProcessDefinition, count: number): readonly string[] {
  const own = definition.cells === 'any' ? [] : definition.cells;
  const stem = /^(.*?)\d*$/.exec(own[0] ?? 'cell-')?.[1] ?? 'cell-';
  return Array.from({ length: count }, (_, index) => own[index] ?? `${stem}${index + 1}`);
}
