/** Validate and features on a backlog, Castwatch and Kafka Streams in turn. */
import { castwatch } from '../contenders/castwatch.ts';
import type { Contender } from '../contenders/contender.ts';
import { kafkaStreams, tunedStreams } from '../contenders/kafka-streams.ts';
import { startRig } from '../rig.ts';
import { spreadOf } from '../spread.ts';
import { table } from '../table.ts';
import { measureThroughput, type ThroughputResult } from '../throughput.ts';
import type { Benchmark, BenchmarkOptions, Outcome } from './benchmark.ts';

export const contenders: readonly Contender[] = [
  castwatch('castwatch', 'Castwatch', [['validate', 'features']]),
  kafkaStreams('kafka-streams', 'Kafka Streams', tunedStreams),
];

const cells = 200;
const warmUp = 100_000;

export const throughput: Benchmark = {
  name: 'throughput',
  title: 'validate and features on a backlog, beside Kafka Streams',
  run,
};

async function run({
  repeats = 3,
  records = 200_000,
  only,
  profiles,
  say,
}: BenchmarkOptions): Promise<Outcome> {
  const taking = contenders.filter(({ name }) => only?.includes(name) ?? true);
  const total = warmUp + records;
  const rig = await startRig({
    plant: { process: 'processes/casting.yaml', cells },
    ...{ records: total, seed: '1', split: warmUp, parts: ['kafka', 'registry'], say },
    ...(profiles === undefined ? {} : { profiles }),
  });
  const results: ThroughputResult[] = [];
  try {
    for (let repeat = 1; repeat <= repeats; repeat++)
      for (const contender of taking)
        results.push(await measureThroughput(contender, { rig, warmUp, records: total, say }));
  } finally {
    await rig.stop();
  }
  return {
    agrees: results.every(({ agrees }) => agrees),
    text: asTable(taking, results),
    data: { cells, warmUp, records, repeats, results },
  };
}

function asTable(taking: readonly Contender[], results: readonly ThroughputResult[]): string {
  const rows = taking.map(({ name, title }) => {
    const own = results.filter(({ contender }) => contender === name);
    const spread = (key: keyof ThroughputResult, digits = 0): string =>
      spreadOf(
        own.map((result) => Number(result[key])),
        digits,
      );
    return [
      title,
      spread('recordsPerSecond'),
      spread('cpuPerRecord', 1),
      spread('brokerCpuPerRecord', 1),
      spread('residentMiB'),
      spread('startSeconds', 1),
      own.every(({ agrees }) => agrees) ? 'equal' : '**differ**',
    ];
  });
  return table(
    [
      '',
      'records/s',
      'CPU per record, µs',
      'broker CPU per record, µs',
      'memory, MiB',
      'start, s',
      'outputs and oracle',
    ],
    rows,
  );
}
