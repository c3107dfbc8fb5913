/** Apps that count, for contract suites: started with a short watch, and stopped after each test. */
import { until } from '../../base/retry.ts';
import {
  silentLog,
  stage,
  startStreamApp,
  type Gap,
  type OnGap,
  type Processor,
  type StreamApp,
  type StreamAppOptions,
  type TopicPartition,
} from '../../stream/index.ts';
import {
  countProcessor,
  readCounted,
  sendItems,
  type CountIn,
  type CountOut,
  type CountState,
  type CountTopics,
  type Rig,
} from './harness.ts';

/** What an app has told its observer and its log. */
export interface Told {
  readonly gaps: { source: TopicPartition; gap: Gap }[];
  readonly errors: string[];
}

/** Call it in a `describe`. */
export function countingApps(rig: () => Rig) {
  const apps = new Set<StreamApp>();
  afterEach(async () => {
    await Promise.all([...apps].map((app) => app.stop()));
    apps.clear();
  });

  const processor = (topics: CountTopics, onGap?: OnGap): Processor<CountIn, CountOut, CountState> => ({
    ...countProcessor(topics),
    ...(onGap === undefined ? {} : { onGap }),
  });

  const start = (
    topics: CountTopics,
    { onGap, ...options }: Partial<StreamAppOptions> & { readonly onGap?: OnGap } = {},
  ): StreamApp & Told => {
    const told: Told = { gaps: [], errors: [] };
    const app = startStreamApp(processor(topics, onGap), {
      transport: rig().transport,
      application: topics.application,
      deadLetterTopic: topics.deadLetters,
      sessionTimeout: 6_000,
      watchEvery: 50,
      observer: { gap: (_step, source, gap) => told.gaps.push({ source, gap }) },
      log: {
        ...silentLog,
        error: (fields, message) => told.errors.push(`${message} ${JSON.stringify(fields)}`),
      },
      ...options,
    });
    apps.add(app);
    return Object.assign(app, told);
  };

  const stop = async (app: StreamApp): Promise<void> => {
    apps.delete(app);
    await app.stop();
  };

  const caughtUp = (topics: CountTopics): Promise<unknown> =>
    until('the group has caught up', async () => {
      const ends = await rig().transport.endOffsets(topics.items);
      const committed = await rig().transport.committedOffsets(`${topics.application}-count`, topics.items);
      return [...ends].every(([partition, end]) => end === 0 || committed.get(partition) === end);
    });

  const operator = (topics: CountTopics) => ({
    transport: rig().transport,
    application: topics.application,
    steps: [stage(processor(topics))],
  });

  const counts = async (topics: CountTopics, key: string): Promise<readonly number[]> =>
    ((await readCounted(rig(), topics.counted)).get(key) ?? []).map(({ sum }) => sum);

  const processed = async (topics: CountTopics, records: number, keys: readonly string[] = ['a']) => {
    await sendItems(rig(), topics.items, keys, 1, records);
    const app = start(topics);
    await caughtUp(topics);
    await stop(app);
  };

  const offsetOf = (topics: CountTopics, partition = 0): Promise<number> =>
    rig()
      .transport.committedOffsets(`${topics.application}-count`, topics.items)
      .then((offsets) => offsets.get(partition) ?? 0);

  return { start, stop, caughtUp, operator, counts, processed, offsetOf };
}
