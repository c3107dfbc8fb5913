/** The largest states that a process definition may lead to. Loading a definition checks them. */
import { CastwatchError } from '../base/errors.ts';
import type { ProcessDefinition } from '../processes/schema.ts';
import { entries, stepNames, type StepName } from './topology.ts';

/**
 * For one asset and step, in the changelog. A state is in memory, is written in parts, and is read at each start: at
 * 250 MB per second, this takes half a second.
 */
export const mostStateBytes = 128 * 1024 ** 2;

export interface StateSize {
  readonly step: StepName;
  readonly bytes: number;
}

/** The largest state of each step that has one. */
export const stateSizes = (definition: ProcessDefinition): readonly StateSize[] =>
  stepNames.flatMap((step) => {
    const { state } = entries[step];
    return state === undefined ? [] : [{ step, bytes: state.largest(definition) }];
  });

/**
 * @param path of the definition, for the message
 * @throws CastwatchError DEFINITION when the state of a step could become too large
 */
export function checkStateSizes(definition: ProcessDefinition, path: string): void {
  const tooLarge = stateSizes(definition).filter(({ bytes }) => bytes > mostStateBytes);
  if (tooLarge.length === 0) return;
  const lines = tooLarge.map(
    ({ step, bytes }) =>
      `${path}: the step ${step} would keep up to ${megabytes(bytes)} for each asset; ` +
      `at most ${megabytes(mostStateBytes)} are allowed. This size follows from ${entries[step].state?.sizedBy ?? ''}.`,
  );
  throw new CastwatchError('DEFINITION', lines.join('\n'), {
    remedy: 'Change these fields of the process definition so that less has to be kept.',
  });
}

const megabytes = (bytes: number): string => `${Math.ceil(bytes / 1024 ** 2).toLocaleString('en')} MiB`;
