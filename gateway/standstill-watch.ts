/** Follows the log of breakers: which step or sink stands still on which partition, since when and why. */
import { BreakerLog, messageOf, type Standstill, type Transport } from '../stream/index.ts';
import type { Logger } from '../telemetry/log.ts';

const lookEvery = 2_000; // ms

export class StandstillWatch {
  readonly #breakers: BreakerLog;
  readonly #log: Logger;
  readonly #timer: NodeJS.Timeout;
  #looking: Promise<void> = Promise.resolve();
  #version = '';
  #standstills: readonly Standstill[] = [];
  #problem: string | undefined;

  constructor(transport: Transport, topic: string, log: Logger) {
    this.#breakers = new BreakerLog(transport, topic);
    this.#log = log;
    this.#timer = setInterval(() => void this.now(), lookEvery).unref();
  }

  /** What stands still, as of this call; as of the last answer if Kafka does not answer. */
  async now(): Promise<readonly Standstill[]> {
    this.#looking = this.#looking.then(() => this.#look());
    await this.#looking;
    return this.#standstills;
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking;
  }

  async #look(): Promise<void> {
    try {
      const version = await this.#breakers.version();
      if (version !== this.#version) this.#standstills = await this.#breakers.standstills();
      this.#version = version;
      this.#problem = undefined;
    } catch (error) {
      const problem = messageOf(error);
      if (problem !== this.#problem)
        this.#log.warn(
          { cause: problem },
          'the log of breakers cannot be read: what stands still is not shown',
        );
      this.#problem = problem;
    }
  }
}
