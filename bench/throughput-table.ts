/** Throughput of several contenders beside each other. */
import type { Contender } from './contenders/contender.ts';
import { barOf, type Bar, type Plot } from './plot.ts';
import { spreadOf } from './spread.ts';
import { table } from './table.ts';
import type { ThroughputResult } from './throughput.ts';

export function throughputTable(taking: readonly Contender[], results: readonly ThroughputResult[]): string {
  const rows = taking.flatMap(({ name, title }) => {
    const own = results.filter(({ contender }) => contender === name);
    if (own.length === 0) return [];
    const spread = (key: keyof ThroughputResult, digits = 0): string =>
      spreadOf(
        own.map((result) => Number(result[key])),
        digits,
      );
    return [
      [
        title,
        spread('recordsPerSecond'),
        spread('cpuPerRecord', 1),
        spread('brokerCpuPerRecord', 1),
        spread('residentMiB'),
        spread('startSeconds', 1),
        own.every(({ agrees }) => agrees) ? 'equal' : '**differ**',
      ],
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

/** Records/s and CPU per record, as bars. */
export function throughputPlots(
  name: string,
  taking: readonly Contender[],
  results: readonly ThroughputResult[],
): readonly Plot[] {
  const bars = (key: 'recordsPerSecond' | 'cpuPerRecord'): readonly Bar[] =>
    taking.flatMap(({ name: contender, title }) => {
      const own = results.filter((result) => result.contender === contender);
      return own.length === 0
        ? []
        : [
            barOf(
              title,
              own.map((result) => result[key]),
            ),
          ];
    });
  return [
    { name: `${name}-rate`, title: 'records per second', bars: bars('recordsPerSecond') },
    { name: `${name}-cpu`, title: 'CPU per record, µs', bars: bars('cpuPerRecord') },
  ];
}
