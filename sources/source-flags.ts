/** The flags that sources read. Commands turn them into options. `kinds.ts` lists the flags that each kind reads. */

export interface SourceFlags {
  /** Paths or patterns. */
  readonly file: readonly string[];
  readonly seed: string;
  /** Minutes of plant time. */
  readonly minutes?: number | undefined;
  /** ms since the epoch. */
  readonly startTime?: number | undefined;
  /** Periods of the process definition. */
  readonly silentAfter?: number | undefined;
  /** ms since the epoch. */
  readonly since?: number | undefined;
  /** ms since the epoch. */
  readonly until?: number | undefined;
}

export type FlagName = keyof SourceFlags;

export interface Flag {
  /** The flag in commander's notation. */
  readonly form: string;
  /** How the text is read: `time` is ISO 8601, `texts` collects each use of the flag, `positive` is a number above 0. */
  readonly as: 'text' | 'texts' | 'positive' | 'time';
  readonly default?: string;
  readonly help: string;
}

export const sourceFlags: Readonly<Record<FlagName, Flag>> = {
  file: { form: '--file <glob>', as: 'texts', help: 'the files to read, quoted; may be given several times' },
  seed: { form: '--seed <seed>', as: 'text', default: '1', help: 'seed of the simulation and of the faults' },
  minutes: {
    form: '--minutes <n>',
    as: 'positive',
    help: 'minutes of plant time to simulate; without it the simulation has no end',
  },
  startTime: {
    form: '--start-time <time>',
    as: 'time',
    help: 'start time of the simulation, ISO 8601; default: now, or 20 minutes ago on new local data',
  },
  silentAfter: {
    form: '--silent-after <periods>',
    as: 'positive',
    help: 'number of periods without a reading after which the source is reported as silent (default: 10)',
  },
  since: { form: '--since <time>', as: 'time', help: 'only readings from this event time on, ISO 8601' },
  until: { form: '--until <time>', as: 'time', help: 'only readings before this event time, ISO 8601' },
};
