/** The breaker of one step on one partition: counts its records, except where an operator has said that they do not count. */
import { Breaker, BreakerOpen, noProducer, type BreakerOptions } from './breaker.ts';
import type { QuarantinedSource } from './quarantine.ts';
import type { RawRecord, TopicPartition } from './transport.ts';

export class StepBreaker {
  readonly #step: string;
  readonly #allowance: Readonly<Record<string, number>> | undefined;
  readonly #breaker: Breaker;

  /** @param allowance by topic: records before this offset are not counted */
  constructor(
    step: string,
    options: BreakerOptions,
    allowance: Readonly<Record<string, number>> | undefined,
    onQuarantine?: (source: QuarantinedSource) => void,
  ) {
    this.#step = step;
    this.#allowance = allowance;
    this.#breaker = new Breaker(options, onQuarantine);
  }

  get quarantined(): readonly QuarantinedSource[] {
    return this.#breaker.quarantined;
  }

  /**
   * @param raw the record as it was read; undefined when the previous step has passed it on
   * @throws BreakerOpen
   */
  count(
    died: boolean,
    { topic, offset }: TopicPartition & { readonly offset: number },
    key: string,
    raw: RawRecord | undefined,
  ): void {
    if (this.#allowance !== undefined && offset < (this.#allowance[topic] ?? 0)) return;
    if (!this.#breaker.count(died, key, raw?.producerId ?? noProducer)) return;
    throw new BreakerOpen(this.#step, topic, `${this.#breaker.describe()} could not be processed`);
  }
}
