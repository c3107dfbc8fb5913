/** The price of exactly-once: the same run at least once. */
import { castwatch } from '../contenders/castwatch.ts';
import { kafkaStreams, tunedStreams } from '../contenders/kafka-streams.ts';
import { throughputPlots, throughputTable } from '../throughput-table.ts';
import type { Benchmark } from './benchmark.ts';
import { compareThroughput } from './compare.ts';

const both = [['validate', 'features']] as const;
const contenders = [
  castwatch('castwatch', 'Castwatch, exactly once', both),
  castwatch('castwatch-at-least-once', 'Castwatch, at least once', both, 'at-least-once'),
  kafkaStreams('kafka-streams', 'Kafka Streams, exactly once', tunedStreams),
  kafkaStreams('kafka-streams-at-least-once', 'Kafka Streams, at least once', {
    ...tunedStreams,
    guarantee: 'at_least_once',
    commitIntervalMs: 1_000,
  }),
];
const [cells, warmUp] = [200, 80_000];

export const price: Benchmark = {
  name: 'price',
  title: 'the price of exactly-once: the same at least once',
  async run(options) {
    const { repeats = 3, records = 120_000 } = options;
    const setting = { cells, warmUp, records, repeats };
    const results = await compareThroughput({ contenders, ...setting }, options);
    return {
      agrees: results.every(({ agrees }) => agrees),
      text: throughputTable(contenders, results),
      plots: throughputPlots('price', contenders, results),
      data: { ...setting, results },
    };
  },
};
