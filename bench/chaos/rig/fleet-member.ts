/** One role as a process of its own, that faults can be done to. It comes back when told to, not by itself. */
import { fork, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../../../base/retry.ts';
import type { OwnedPartitions, RoleMessage, RoleStatus } from '../../../roles/role.ts';

export interface MemberSpec {
  /** Unique among the members; of the log file too. */
  readonly name: string;
  /** A step's name, or `sink`. */
  readonly reader: string;
  /** Of the command line: `['process', '--steps', 'validate']`. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly logDir: string;
  /** Its road leads over a link that can be broken. */
  readonly isLinked?: boolean;
}

const entry = join(import.meta.dirname, '../../../cli/castwatch.ts');
/** Longer than a role gives itself. */
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

  /** How it ended without being asked to; nobody of the pipeline should. */
  get unexpectedEnds(): readonly string[] {
    return this.#unexpected;
  }

  /** Its share of the group, as it last said. */
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
        if (message.kind === 'ready') this.#url = message.url;
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

  /** Resolves when it is in its group and works. */
  async untilRunning(timeoutMs = 60_000): Promise<void> {
    const since = Date.now();
    await until(
      () =>
        `${this.name} to run: ${this.isUp ? (this.#status?.problems.join('; ') ?? 'no word yet') : this.logTail()}`,
      () => this.#statusAt >= since && this.#status?.ready === true,
      { timeout: timeoutMs },
    );
  }

  /** Where it is served. */
  async url(): Promise<string> {
    await this.untilRunning();
    if (this.#url === undefined) throw new Error(`${this.name} is not served anywhere`);
    return this.#url;
  }

  /** `kill -9`; resolves when it is gone. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** SIGTERM; @returns seconds until it was gone, and whether it went by itself and in order */
  async drain(): Promise<{ readonly seconds: number; readonly inOrder: boolean }> {
    const began = performance.now();
    const child = this.#child;
    await this.#end('SIGTERM');
    return { seconds: (performance.now() - began) / 1000, inOrder: child?.exitCode === 0 };
  }

  /** SIGSTOP: it stands still and does not know. */
  pause(): void {
    this.#child?.kill('SIGSTOP');
  }

  resume(): void {
    this.#child?.kill('SIGCONT');
  }

  /** What it has logged so far, in bytes: where to look from later. */
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
    child.kill('SIGCONT'); // a paused one would not hear a SIGTERM
    const late = setTimeout(() => child.kill('SIGKILL'), drainTimeoutMs);
    await gone;
    clearTimeout(late);
  }
}
