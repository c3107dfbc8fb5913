/** Validate and features on a backlog, Castwatch and Kafka Streams in turn. */
import { castwatch } from '../contenders/castwatch.ts';
import { kafkaStreams, tunedStreams } from '../contenders/kafka-streams.ts';
import { throughputPlots, throughputTable } from '../throughput-table.ts';
import type { Benchmark } from './benchmark.ts';
import { compareThroughput } from './compare.ts';

const both = [['validate', 'features']] as const;
const contenders = [
  castwatch('castwatch', 'Castwatch', both),
  kafkaStreams('kafka-streams', 'Kafka Streams, states on the heap', tunedStreams),
  kafkaStreams('kafka-streams-store', 'Kafka Streams, its in-memory store', {
    ...tunedStreams,
    store: 'in-memory',
  }),
];
const [cells, warmUp] = [200, 100_000];

export const throughput: Benchmark = {
  name: 'throughput',
  title: 'validate and features on a backlog, beside Kafka Streams',
  async run(options) {
    const { repeats = 3, records = 200_000 } = options;
    const setting = { cells, warmUp, records, repeats };
    const results = await compareThroughput({ contenders, ...setting }, options);
    return {
      agrees: results.every(({ agrees }) => agrees),
      text: throughputTable(contenders, results),
      plots: throughputPlots('throughput', contenders, results),
      data: { ...setting, results },
    };
  },
};
