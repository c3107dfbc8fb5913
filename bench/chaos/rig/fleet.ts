/** All processes of the pipeline: two of each role. */
import { mkdirSync } from 'node:fs';
import { stepNames } from '../../../processors/topology.ts';
import { Member } from './fleet-member.ts';

export const readers = [...stepNames, 'sink'] as const;
export type ReaderName = (typeof readers)[number];

export interface FleetOptions {
  readonly env: Readonly<Record<string, string>>;
  /** Further variables, for members whose connections go over a link. */
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

  /** The reader's member whose connections go over the link. */
  linked(reader: ReaderName): Member {
    const member = this.of(reader).find(({ isLinked }) => isLinked);
    if (member === undefined) throw new Error(`no member of ${reader} uses the link`);
    return member;
  }

  get all(): readonly Member[] {
    return this.#members.filter((member) => member.isUp);
  }

  /** Processes that ended by themselves. There should be none. */
  get unexpectedEnds(): readonly string[] {
    return this.#members.flatMap(({ unexpectedEnds }) => unexpectedEnds);
  }

  /** Starts one more member of the reader's group. */
  add(reader: ReaderName, isLinked = false): Member {
    const { plant, logDir, linked } = this.#options;
    const env = { ...this.#options.env, ...(isLinked ? linked?.env : {}) };
    const args = reader === 'sink' ? ['sink'] : ['process', ...plant, '--steps', reader];
    const member = new Member({ name: `${reader}-${++this.#made}`, reader, args, env, logDir, isLinked });
    this.#members.push(member);
    member.start();
    return member;
  }

  /** Starts a process that is not a reader of the pipeline, such as the gateway. */
  addBeside(name: string, command: readonly string[]): Member {
    const { plant, logDir, env } = this.#options;
    const member = new Member({ name, reader: name, args: [...command, ...plant], env, logDir });
    this.#members.push(member);
    member.start();
    return member;
  }

  /** The reason why results will never come, if there is one. */
  halted(): string | undefined {
    const member = this.all.find(({ status }) => status?.halted === true);
    return member === undefined ? undefined : `${member.name}: ${member.status?.problems.join('; ') ?? ''}`;
  }

  async stop(): Promise<void> {
    await Promise.all(this.all.map((member) => member.drain()));
  }
}
