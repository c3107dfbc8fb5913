/** CPU and memory that processes have used, from Linux' /proc. */
import { readFileSync } from 'node:fs';

/** USER_HZ: the kernel's unit of CPU time for user space, the same on every Linux that Node 24 runs on. */
const ticksPerSecond = 100;

export interface Usage {
  /** User and system time since the start, seconds. */
  readonly cpu: number;
  /** Resident memory, bytes: now, and at its peak. */
  readonly resident: number;
  readonly peak: number;
}

/** Adds up the usage of all the processes. */
export function usageOf(pids: readonly number[]): Usage {
  const all = pids.map(usage);
  const sum = (key: keyof Usage): number => all.reduce((total, each) => total + each[key], 0);
  return { cpu: sum('cpu'), resident: sum('resident'), peak: sum('peak') };
}

function usage(pid: number): Usage {
  // The second field, the command in brackets, may hold spaces.
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const bytes = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1] ?? NaN) * 1024;
  return {
    cpu: (Number(stat[11]) + Number(stat[12])) / ticksPerSecond,
    resident: bytes('VmRSS'),
    peak: bytes('VmHWM'),
  };
}
