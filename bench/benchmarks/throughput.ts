/** Validate and features on a backlog: Castwatch, Kafka Streams and Quix Streams in turn. */
import { castwatch } from '../contenders/castwatch.ts';
import { kafkaStreams, tunedStreams } from '../contenders/kafka-streams.ts';
import { quixStreams } from '../contenders/quix-streams.ts';
import { throughputBenchmark } from './compare.ts';

const both = [['validate', 'features']] as const;
const contenders = [
  castwatch('castwatch', 'Castwatch', both),
  kafkaStreams('kafka-streams', 'Kafka Streams, states on the heap', tunedStreams),
  kafkaStreams('kafka-streams-store', 'Kafka Streams, its in-memory store', {
    ...tunedStreams,
    store: 'in-memory',
  }),
  // The warm-up fills the windows of each of the 200 assets.
  quixStreams('quix-streams', 'Quix Streams, in Python', { warmUp: 14_000, records: 16_000 }),
];
export const throughput = throughputBenchmark({
  name: 'throughput',
  title: 'validate and features on a backlog, compared with Kafka Streams and Quix Streams',
  contenders,
  records: 200_000,
  warmUp: 100_000,
});
