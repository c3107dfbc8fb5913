/** Runs a contender as a process, writes its output to a file, and notices when it ends. */
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

export interface ChildOptions {
  readonly file: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly logFile: string;
  /** How the process reports that it is ready: by an IPC message, or by this text in its output. */
  readonly ready: ((message: unknown) => boolean) | string;
}

const readyTimeoutMs = 60_000;
const stopTimeoutMs = 20_000;

export class Child {
  readonly #process: ChildProcess;
  readonly #options: ChildOptions;
  readonly #began = performance.now();
  /** Where this process's output begins; the file may contain output of an earlier repeat. */
  readonly #logStart: number;
  #startSeconds = NaN;
  #saidReady = false;
  #url: string | undefined;

  constructor(options: ChildOptions) {
    this.#options = options;
    const log = openSync(options.logFile, 'a');
    this.#logStart = fstatSync(log).size;
    const ipc = typeof options.ready === 'string' ? ([] as const) : (['ipc'] as const);
    this.#process = spawn(options.file, [...options.args], {
      stdio: ['ignore', log, log, ...ipc],
      env: { ...process.env, ...options.env },
    });
    closeSync(log);
    const kill = (): void => void this.#process.kill('SIGKILL');
    process.once('exit', kill);
    this.#process.once('exit', () => process.off('exit', kill));
    this.#process.on('message', (message) => {
      if (typeof options.ready !== 'string' && options.ready(message)) this.#saidReady = true;
      if (isServed(message)) this.#url = message.url;
    });
  }

  get pid(): number {
    return this.#process.pid ?? NaN;
  }

  /** The URL at which a role of Castwatch serves its status, if it does. */
  get url(): string | undefined {
    return this.#url;
  }

  get startSeconds(): number {
    return this.#startSeconds;
  }

  /** @throws Error with the end of its output when the process ends before it is ready */
  async untilReady(): Promise<void> {
    const { ready } = this.#options;
    while (!this.#saidReady) {
      if (typeof ready === 'string' && this.#output().includes(ready)) break;
      this.requireRunning();
      if (performance.now() - this.#began > readyTimeoutMs) throw this.#failure('is not ready');
      await sleep(20);
    }
    this.#startSeconds = (performance.now() - this.#began) / 1_000;
  }

  requireRunning(): void {
    const { exitCode, signalCode } = this.#process;
    if (exitCode !== null || signalCode !== null)
      throw this.#failure(`ended with ${exitCode ?? signalCode ?? ''}`);
  }

  async stop(): Promise<void> {
    const { exitCode, signalCode } = this.#process;
    if (exitCode !== null || signalCode !== null) return;
    const gone = new Promise((resolve) => this.#process.once('exit', resolve));
    this.#process.kill('SIGTERM');
    const patience = setTimeout(() => this.#process.kill('SIGKILL'), stopTimeoutMs);
    await gone;
    clearTimeout(patience);
  }

  #output(): string {
    return readFileSync(this.#options.logFile).toString('utf8', this.#logStart);
  }

  #failure(what: string): Error {
    const { file, logFile } = this.#options;
    const tail = this.#output().trim().split('\n').slice(-15).join('\n');
    return new Error(`${file} ${what}; the end of ${logFile}:\n${tail}`);
  }
}

const isServed = (message: unknown): message is { readonly url: string } =>
  typeof message === 'object' && message !== null && 'url' in message && typeof message.url === 'string';
