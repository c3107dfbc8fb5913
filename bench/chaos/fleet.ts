/** All processes of the pipeline: one per role, two of each. */
import { mkdirSync } from 'node:fs';
import { stepNames } from '../../processors/wiring.ts';
import { Member } from './member.ts';

export const readers = [...stepNames, 'sink'] as const;
export type Reader = (typeof readers)[number];

export interface FleetOptions {
  readonly env: Readonly<Record<string, string>>;
  /** `['--process', FILE, '--cells', N]` */
  readonly plant: readonly string[];
  readonly logDir: string;
  readonly perReader: number;
}

export class Fleet {
  readonly #options: FleetOptions;
  readonly #members: Member[] = [];
  #made = 0;

  constructor(options: FleetOptions) {
    this.#options = options;
    mkdirSync(options.logDir, { recursive: true });
  }

  async start(): Promise<void> {
    for (const reader of readers)
      for (let index = 0; index < this.#options.perReader; index++) this.add(reader);
    await Promise.all(this.#members.map((member) => member.untilRunning(120_000)));
  }

  of(reader: Reader): readonly Member[] {
    return this.#members.filter((member) => member.reader === reader && member.isUp);
  }

  get all(): readonly Member[] {
    return this.#members.filter((member) => member.isUp);
  }

  /** What should never happen: processes that ended by themselves. */
  get unexpectedEnds(): readonly string[] {
    return this.#members.flatMap(({ unexpectedEnds }) => unexpectedEnds);
  }

  /** One more in the reader's group, started. */
  add(reader: Reader): Member {
    const { env, plant, logDir } = this.#options;
    const args = reader === 'sink' ? ['sink'] : ['process', ...plant, '--steps', reader];
    const member = new Member({ name: `${reader}-${++this.#made}`, reader, args, env, logDir });
    this.#members.push(member);
    member.start();
    return member;
  }

  /** Says why there is no point in waiting for results, if there is none. */
  halted(): string | undefined {
    const member = this.all.find(({ status }) => status?.halted === true);
    return member === undefined ? undefined : `${member.name}: ${member.status?.problems.join('; ') ?? ''}`;
  }

  async stop(): Promise<void> {
    await Promise.all(this.all.map((member) => member.drain()));
  }
}
