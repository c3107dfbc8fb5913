/** Throughput of several contenders side by side. */
import type { Contender } from '../contenders/contender.ts';
import { barOf, type Bar, type Plot } from './plot.ts';
import { spreadOf } from './spread.ts';
import { textTable } from './text-table.ts';
import type { ThroughputResult } from '../measuring/backlog-throughput.ts';

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
  const measured = textTable(
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
  return [measured, ...fewerRecords(taking, results)].join('\n\n');
}

/** Says of each contender that got fewer records than the others how many it got. */
function fewerRecords(taking: readonly Contender[], results: readonly ThroughputResult[]): readonly string[] {
  const most = Math.max(...results.map(({ records }) => records));
  return taking.flatMap(({ name, title }) => {
    const records = results.find(({ contender }) => contender === name)?.records ?? most;
    if (records === most) return [];
    const written = (count: number): string => count.toLocaleString('en');
    return [
      `${title}: measured on ${written(records)} records instead of ${written(most)}, because it is slower.`,
    ];
  });
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
