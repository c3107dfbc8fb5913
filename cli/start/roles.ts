/** Starts the roles of `start`, each as a child process with the flags of `start`. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { asEnvironment, type Addresses } from '../../roles/config.ts';
import { sourceArguments } from '../options.ts';
import { superviseRole, type SupervisedRole, type SupervisorEvents } from './supervisor.ts';
import type { SimulatedTime } from './first-scan.ts';
import type { StartFlags } from './flags.ts';

export interface RolesOptions {
  readonly flags: StartFlags;
  readonly time: SimulatedTime;
  readonly addresses: Addresses;
  readonly port: number;
  /** Folder of the roles' log files. */
  readonly logDir: string;
  readonly events: SupervisorEvents;
}

type Launch = (name: 'process' | 'sink' | 'gateway' | 'source') => SupervisedRole;

export function roleLauncher({ flags, time, addresses, port, logDir, events }: RolesOptions): Launch {
  mkdirSync(logDir, { recursive: true });
  const plant = [
    '--process',
    flags.process,
    ...(flags.cells === undefined ? [] : ['--cells', String(flags.cells)]),
  ];
  const args = {
    process: ['process', ...plant],
    sink: ['sink'],
    gateway: ['gateway', ...plant, '--port', String(port)],
    source: [
      'source',
      flags.source,
      ...plant,
      ...sourceArguments({ ...flags, startTime: time.startTime }),
      ...(time.publishFrom === undefined ? [] : ['--publish-from', new Date(time.publishFrom).toISOString()]),
    ],
  };
  const env = asEnvironment(addresses);
  return (name) =>
    superviseRole({ name, args: args[name], env, logFile: join(logDir, `${name}.log`) }, events);
}
