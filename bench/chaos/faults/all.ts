import { InvalidArgumentError } from 'commander';
import type { Fault } from '../fault.ts';
import { broker, registry } from './broker.ts';
import { consoles } from './console.ts';
import { database } from './database.ts';
import { disk } from './disk.ts';
import { disorder } from './disorder.ts';
import { drain } from './drain.ts';
import { kill } from './kill.ts';
import { messages } from './messages.ts';
import { network } from './network.ts';
import { poison } from './poison.ts';
import { retention } from './retention.ts';
import { scale } from './scale.ts';
import { state } from './state.ts';
import { both, zombie } from './zombie.ts';

/** All faults, in the order in which they are injected. */
export const faults: readonly Fault[] = [
  kill,
  drain,
  scale,
  zombie,
  both,
  broker,
  network,
  messages,
  disk,
  registry,
  database,
  state,
  retention,
  disorder,
  poison,
  consoles,
];

export function faultNamed(name: string): Fault {
  const fault = faults.find((each) => each.name === name.trim());
  if (fault === undefined)
    throw new InvalidArgumentError(
      `There is no fault "${name}". The faults are ${faults.map((each) => each.name).join(', ')}.`,
    );
  return fault;
}
