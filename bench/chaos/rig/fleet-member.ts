/** One role as a process of its own that faults can hit. It restarts only when asked to. */
import { fork, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../../../base/retry.ts';
import type { OwnedPartitions, RoleMessage, RoleStatus } from '../../../roles/role.ts';

export interface MemberSpec {
  /** Unique among the members; also names the log file. */
  readonly name: string;
  /** A step's name, or `sink`. */
  readonly reader: string;
  /** Arguments of the command line: `['process', '--steps', 'validate']`. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly logDir: string;
  /** Its connections go over a breakable link. */
  readonly isLinked?: boolean;
}

const entry = join(import.meta.dirname, '../../../cli/castwatch.ts');
/** Longer than a role's own limit. */
const drainTimeoutMs = 15_000;

export class Member {
  readonly name: string;
  readonly reader: string;
  readonly logFile: string;
  readonly #spec: MemberSpec;
  #child: ChildProcess | undefined;
  #status: RoleStatus | undefined;
  #statusAt = 0;
  #url: string | undefined;
  #healthUrl: string | undefined;
  #ending = false;
  readonly #unexpected: string[] = [];

  constructor(spec: MemberSpec) {
    this.#spec = spec;
    this.name = spec.name;
    this.reader = spec.reader;
    this.logFile = join(spec.logDir, `${spec.name}.log`);
  }

  get isLinked(): boolean {
    return this.#spec.isLinked ?? false;
  }

  get isUp(): boolean {
    return this.#child !== undefined;
  }

  get status(): RoleStatus | undefined {
    return this.#status;
  }

  /** Every end of the process that was not requested. There should be none. */
  get unexpectedEnds(): readonly string[] {
    return this.#unexpected;
  }

  /** The partitions it holds, by its last report. */
  get partitions(): readonly string[] {
    const detail = (this.#status?.detail ?? []) as readonly OwnedPartitions[];
    return detail.flatMap(({ reader, partitions }) => (reader === this.reader ? partitions : []));
  }

  start(): void {
    if (this.#child !== undefined) throw new Error(`${this.name} is running already`);
    const log = openSync(this.logFile, 'a');
    try {
      const env = { ...process.env, ...this.#spec.env };
      const child = fork(entry, [...this.#spec.args], { stdio: ['ignore', log, log, 'ipc'], env });
      this.#child = child;
      this.#ending = false;
      child.on('message', (message: RoleMessage) => {
        if (message.kind === 'ready') {
          this.#url = message.url;
          this.#healthUrl = message.healthUrl;
        }
        if (message.kind !== 'status') return;
        this.#status = message.status;
        this.#statusAt = Date.now();
      });
      child.on('error', () => undefined); // a message to a process that has just been killed
      child.once('exit', (code, signal) => {
        if (this.#child !== child) return;
        if (!this.#ending)
          this.#unexpected.push(`${this.name} ended with ${signal ?? code ?? 0}:\n${this.logTail()}`);
        this.#child = undefined;
        this.#status = undefined;
      });
    } finally {
      closeSync(log);
    }
  }

  /** Resolves when it has joined its group and works. */
  async untilRunning(timeoutMs = 60_000): Promise<void> {
    const since = Date.now();
    await until(
      () =>
        `${this.name} to run: ${this.isUp ? (this.#status?.problems.join('; ') ?? 'no status yet') : this.logTail()}`,
      () => this.#statusAt >= since && this.#status?.ready === true,
      { timeout: timeoutMs },
    );
  }

  /** The address at which it listens. */
  async url(): Promise<string> {
    await this.untilRunning();
    if (this.#url === undefined) throw new Error(`${this.name} does not listen on any address`);
    return this.#url;
  }

  /** What its `/ready` answers now. */
  async askReady(): Promise<{ readonly status: number; readonly text: string }> {
    if (this.#healthUrl === undefined) throw new Error(`${this.name} has no address for /ready`);
    const response = await fetch(`${this.#healthUrl}/ready`);
    return { status: response.status, text: await response.text() };
  }

  /** `kill -9`; resolves when it is gone. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** Sends SIGTERM. @returns seconds until it ended, and whether it ended by itself and cleanly */
  async drain(): Promise<{ readonly seconds: number; readonly inOrder: boolean }> {
    const began = performance.now();
    const child = this.#child;
    await this.#end('SIGTERM');
    return { seconds: (performance.now() - began) / 1000, inOrder: child?.exitCode === 0 };
  }

  /** Sends SIGSTOP: the process stops without noticing it. */
  pause(): void {
    this.#child?.kill('SIGSTOP');
  }

  resume(): void {
    this.#child?.kill('SIGCONT');
  }

  /** Bytes logged so far, to read the log from this point later. */
  logSize(): number {
    return readFileSync(this.logFile).length;
  }

  logFrom(offset: number): string {
    return readFileSync(this.logFile).subarray(offset).toString();
  }

  logTail(): string {
    return readFileSync(this.logFile, 'utf8').slice(-1_000);
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    const gone = new Promise<void>((resolve) =>
      child.once('exit', () => {
        resolve();
      }),
    );
    this.#ending = true;
    child.kill(signal);
    child.kill('SIGCONT'); // a paused process does not handle SIGTERM
    const late = setTimeout(() => child.kill('SIGKILL'), drainTimeoutMs);
    await gone;
    clearTimeout(late);
  }
}
