import { InvalidArgumentError } from 'commander';
import type { Fault } from '../fault.ts';
import { broker, registry } from './broker.ts';
import { database } from './database.ts';
import { drain } from './drain.ts';
import { kill } from './kill.ts';
import { poison } from './poison.ts';
import { scale } from './scale.ts';
import { state } from './state.ts';
import { zombie } from './zombie.ts';

/** In the order in which they are done. */
export const faults: readonly Fault[] = [
  kill,
  drain,
  scale,
  zombie,
  broker,
  database,
  state,
  poison,
  registry,
];

export function faultNamed(name: string): Fault {
  const fault = faults.find((each) => each.name === name.trim());
  if (fault === undefined)
    throw new InvalidArgumentError(
      `There is no fault "${name}"; there are ${faults.map((each) => each.name).join(', ')}.`,
    );
  return fault;
}
