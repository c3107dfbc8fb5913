/** The flags of commands that record a decision: who decides, and why. */
import { userInfo } from 'node:os';
import { Option, type Command } from 'commander';
import { CastwatchError } from '../base/errors.ts';

export interface DecisionFlags {
  readonly why: string;
  readonly by: string;
}

export function addDecision(command: Command, { isRequired }: { readonly isRequired: boolean }): Command {
  const help = 'the reason, kept with the decision';
  return (
    isRequired
      ? command.requiredOption('--why <text>', `required: ${help}`)
      : command.option('--why <text>', help)
  ).option('--by <name>', 'name of the person who decides', userInfo().username);
}

/** @throws CastwatchError CONFIGURATION when the reason is empty */
export function decided({ by, why }: DecisionFlags): DecisionFlags {
  if (why.trim() === '') throw new CastwatchError('CONFIGURATION', '--why must not be empty.');
  return { by, why };
}

/** For commands that promote: the flag that overrides the gate. */
export const forceOption = (): Option =>
  new Option(
    '--force',
    'promote the bundle although its figures speak against it; --why is kept with them',
  ).default(false);
