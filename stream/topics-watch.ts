/**
 * Notices that a topic was made anew or has more partitions. A group does not tell its members, and its assignment stays as it
 * was when they joined.
 */
import { StreamError } from './errors.ts';
import type { TopicFacts, Transport } from './transport.ts';

export interface TopicsWatchOptions {
  readonly transport: Pick<Transport, 'describeTopics'>;
  readonly topics: readonly string[];
  readonly alsoWatched?: readonly string[];
  readonly watchEvery?: number;
  readonly onWatch?: () => Promise<void>;
}

const usually = 10_000; // ms

type Facts = ReadonlyMap<string, TopicFacts>;

export class TopicsWatch {
  readonly #options: TopicsWatchOptions;
  readonly #topics: readonly string[];
  #before: Facts = new Map();
  #timer: NodeJS.Timeout | undefined;
  #isLooking = false;
  #isOver = false;

  constructor(options: TopicsWatchOptions) {
    this.#options = options;
    this.#topics = [...new Set([...options.topics, ...(options.alsoWatched ?? [])])];
  }

  /** Takes the topics as they are now. A broker that does not answer is found out by joining. */
  async begin(): Promise<void> {
    this.#before = await this.#look().catch(() => new Map());
  }

  /** @param changed called once, when a topic is no longer what it was */
  run(changed: (error: Error) => void): void {
    if (this.#isOver) return;
    this.#timer = setInterval(() => {
      if (this.#isLooking) return;
      this.#isLooking = true;
      this.#compare(changed)
        // The broker may not answer; the member finds out by itself.
        .catch(() => undefined)
        .finally(() => {
          this.#isLooking = false;
        });
    }, this.#options.watchEvery ?? usually).unref();
  }

  stop(): void {
    this.#isOver = true;
    clearInterval(this.#timer);
  }

  #look(): Promise<Facts> {
    return this.#options.transport.describeTopics(this.#topics);
  }

  async #compare(changed: (error: Error) => void): Promise<void> {
    const now = await this.#look();
    if (this.#isOver) return;
    for (const [topic, { id, partitions }] of now) {
      const before = this.#before.get(topic);
      if (before === undefined || (before.id === id && before.partitions === partitions)) continue;
      this.stop();
      changed(
        before.id === id
          ? new StreamError(
              'TOPIC_MISMATCH',
              `${topic} has ${partitions} partitions now; there were ${before.partitions}`,
            )
          : new StreamError('TOPIC_REPLACED', `${topic} was made anew`),
      );
      return;
    }
    this.#before = new Map([...this.#before, ...now]);
    await this.#options.onWatch?.();
  }
}
