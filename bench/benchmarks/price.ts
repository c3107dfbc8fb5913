/** The price of exactly-once, compared with the same run at least once. */
import { castwatch } from '../contenders/castwatch.ts';
import { kafkaStreams, tunedStreams } from '../contenders/kafka-streams.ts';
import { throughputBenchmark } from './compare.ts';

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
export const price = throughputBenchmark({
  name: 'price',
  title: 'the price of exactly-once, compared with at-least-once',
  contenders,
  records: 120_000,
  warmUp: 80_000,
});
