/** All processes of the pipeline: one per role, two of each. */
import { mkdirSync } from 'node:fs';
import { stepNames } from '../../../processors/topology.ts';
import { Member } from './fleet-member.ts';

export const readers = [...stepNames, 'sink'] as const;
export type ReaderName = (typeof readers)[number];

export interface FleetOptions {
  readonly env: Readonly<Record<string, string>>;
  /** On top of it, for members whose road leads over a link. */
  readonly linked?: {
    readonly env: Readonly<Record<string, string>>;
    readonly isLinked: (reader: ReaderName, index: number) => boolean;
  };
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
      for (let index = 0; index < this.#options.perReader; index++)
        this.add(reader, this.#options.linked?.isLinked(reader, index));
    await Promise.all(this.#members.map((member) => member.untilRunning(120_000)));
  }

  of(reader: ReaderName): readonly Member[] {
    return this.#members.filter((member) => member.reader === reader && member.isUp);
  }

  /** The reader's member whose road leads over the link. */
  linked(reader: ReaderName): Member {
    const member = this.of(reader).find(({ isLinked }) => isLinked);
    if (member === undefined) throw new Error(`no member of ${reader} goes over the link`);
    return member;
  }

  get all(): readonly Member[] {
    return this.#members.filter((member) => member.isUp);
  }

  /** What should never happen: processes that ended by themselves. */
  get unexpectedEnds(): readonly string[] {
    return this.#members.flatMap(({ unexpectedEnds }) => unexpectedEnds);
  }

  /** One more in the reader's group, started. */
  add(reader: ReaderName, isLinked = false): Member {
    const { plant, logDir, linked } = this.#options;
    const env = { ...this.#options.env, ...(isLinked ? linked?.env : {}) };
    const args = reader === 'sink' ? ['sink'] : ['process', ...plant, '--steps', reader];
    const member = new Member({ name: `${reader}-${++this.#made}`, reader, args, env, logDir, isLinked });
    this.#members.push(member);
    member.start();
    return member;
  }

  /** A process that is no reader of the pipeline, beside it. */
  addBeside(name: string, command: readonly string[]): Member {
    const { plant, logDir, env } = this.#options;
    const member = new Member({ name, reader: name, args: [...command, ...plant], env, logDir });
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
