/** Writes the dead letters of the sink, at least once: after a crash before the position moves, they are written again. */
import { messageOf } from '../../../base/text.ts';
import {
  isTooLarge,
  partitionKey,
  type Producer,
  smallerLetter,
  type StreamLog,
  toDeadLetter,
  type Transport,
} from '../../../stream/index.ts';
import type { Letter } from './batch.ts';
import type { SinkObserver } from './observer.ts';
import { SampledLog } from './sampled-log.ts';
import type { Waiting } from './waiting.ts';

export interface LetterWriterOptions {
  /** The sink's name, under which its letters are listed. */
  readonly sink: string;
  readonly transport: Transport;
  readonly deadLetterTopic: string;
  /** What the topic accepts; a larger letter is cut. */
  readonly maxDeadLetterBytes?: number | undefined;
  readonly log: StreamLog;
  readonly observer: SinkObserver;
  readonly waiting: Waiting;
  /** Ends all waiting. */
  readonly signal: AbortSignal;
}

export class LetterWriter {
  readonly #options: LetterWriterOptions;
  readonly #log: SampledLog;
  #producer: Producer | undefined;
  #maxBytes: number | undefined;

  constructor(options: LetterWriterOptions) {
    this.#options = options;
    this.#maxBytes = options.maxDeadLetterBytes;
    this.#log = new SampledLog(options.log);
  }

  /** @returns false when the sink is stopping, so that the position must not move */
  async write(letters: readonly Letter[]): Promise<boolean> {
    const { signal, waiting, transport, observer } = this.#options;
    if (signal.aborted) return false;
    if (letters.length === 0) return true;
    const sent = await waiting.until('kafka', async (failed) => {
      try {
        this.#producer ??= await transport.producer();
        await this.#producer.send(letters.map((letter) => this.#toRecord(letter)));
        return {};
      } catch (error) {
        const smaller = isTooLarge(error) && this.#cutSmaller();
        failed(
          messageOf(error),
          smaller
            ? 'the dead letters are cut to fewer bytes'
            : 'check that the broker is up and reachable, and that the topic of dead letters is as `castwatch topics` makes it',
        );
        return undefined;
      }
    });
    if (sent === undefined) return false;
    for (const letter of letters) {
      observer.deadLettered?.(letter.partition.source.topic, letter.reason);
      this.#say(letter);
    }
    return true;
  }

  async close(): Promise<void> {
    this.#log.close();
    await this.#producer?.close();
  }

  #toRecord({ partition, record, reason, detail }: Letter): ReturnType<typeof toDeadLetter> {
    const { sink, deadLetterTopic } = this.#options;
    const letter = { source: partition.source, offset: record.offset, step: sink, reason, detail };
    return toDeadLetter(deadLetterTopic, record, letter, this.#maxBytes);
  }

  /** @returns whether that is possible */
  #cutSmaller(): boolean {
    const smaller = smallerLetter(this.#maxBytes);
    this.#maxBytes = smaller ?? this.#maxBytes;
    return smaller !== undefined;
  }

  #say({ partition: { source }, record, reason, detail }: Letter): void {
    const fields = { ...source, offset: record.offset, key: record.key?.toString(), reason, detail };
    this.#log.warn(
      `${source.topic} ${reason}`,
      fields,
      `${partitionKey(source)}@${record.offset} became a dead letter: ${detail}`,
    );
  }
}
