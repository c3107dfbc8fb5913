/** The project's aims as limits for stored results, and whether the results meet them. */
import { z } from 'zod';
import { medianOf } from './spread.ts';
import { textTable } from './text-table.ts';

/** JSON has no NaN. */
const figure = z
  .number()
  .nullable()
  .transform((value) => value ?? NaN);

interface Aim {
  readonly what: string;
  /** A ratio, or ms. */
  readonly found: number;
  readonly wanted: { readonly least: number } | { readonly most: number };
  readonly unit?: 'ms';
}

const throughput = z.object({
  results: z.array(
    z.object({
      contender: z.string(),
      recordsPerSecond: z.number(),
      cpuPerRecord: z.number(),
      residentMiB: z.number(),
    }),
  ),
});
const pipeline = z.object({
  results: z.array(
    z.object({
      steps: z.array(
        z.object({
          topic: z.object({ p99: figure }),
          row: z.object({ p99: figure }).optional(),
        }),
      ),
    }),
  ),
});
const passThrough = z.object({ overhead: z.object({ time: z.number(), cpu: z.number() }) });
const sink = z.object({ ratio: figure });
const growth = z.object({
  points: z.array(
    z.object({
      assets: z.number(),
      tags: z.number(),
      results: z.array(z.object({ cpuPerRecord: z.number() })),
    }),
  ),
});

/** The aims by benchmark. @throws ZodError where the data do not fit this version */
const aims: Readonly<Record<string, (data: unknown) => readonly Aim[]>> = {
  throughput(data) {
    const { results } = throughput.parse(data);
    const rivals = [
      { name: 'kafka-streams', called: 'Kafka Streams with states on the heap' },
      { name: 'kafka-streams-store', called: 'Kafka Streams with its in-memory store' },
    ].filter(({ name }) => results.some(({ contender }) => contender === name));
    return rivals.flatMap(({ name, called }) => {
      const ratio = (key: 'recordsPerSecond' | 'cpuPerRecord' | 'residentMiB'): number => {
        const median = (of: string): number =>
          medianOf(results.filter(({ contender }) => contender === of).map((result) => result[key]));
        return median('castwatch') / median(name);
      };
      return [
        {
          what: `records per second, relative to ${called}`,
          found: ratio('recordsPerSecond'),
          wanted: { least: 1 },
        },
        { what: `CPU per record, relative to ${called}`, found: ratio('cpuPerRecord'), wanted: { most: 1 } },
        { what: `memory, relative to ${called}`, found: ratio('residentMiB'), wanted: { most: 1 } },
      ];
    });
  },
  'pass-through': (data) => {
    const { overhead } = passThrough.parse(data);
    return [
      {
        what: 'time of runtime, codec and empty step, relative to kafkajs alone',
        found: 1 + overhead.time,
        wanted: { most: 1.25 },
      },
      { what: 'their CPU, relative to kafkajs alone', found: 1 + overhead.cpu, wanted: { most: 1.25 } },
    ];
  },
  pipeline(data) {
    const steps = pipeline.parse(data).results.flatMap((result) => result.steps);
    const p99 = (of: 'topic' | 'row'): number => medianOf(steps.map((step) => step[of]?.p99 ?? NaN));
    return [
      {
        what: 'p99 to the readable prediction at half load',
        found: p99('topic'),
        wanted: { most: 250 },
        unit: 'ms',
      },
      {
        what: 'p99 to its row in the database at half load',
        found: p99('row'),
        wanted: { most: 500 },
        unit: 'ms',
      },
    ];
  },
  sink: (data) => [
    {
      what: 'rows per second of the sink, relative to COPY',
      found: sink.parse(data).ratio,
      wanted: { least: 0.7 },
    },
  ],
  growth(data) {
    const { points } = growth.parse(data);
    const tags = points[0]?.tags;
    const costs = points
      .filter((point) => point.tags === tags)
      .map(({ results }) => medianOf(results.map(({ cpuPerRecord }) => cpuPerRecord)));
    return [
      {
        what: 'CPU per scan from 10 to 10,000 assets, highest relative to lowest',
        found: Math.max(...costs) / Math.min(...costs),
        wanted: { most: 1.3 },
      },
    ];
  },
};

/** The aims of one benchmark as a table; empty when it has none. */
export function aimsTable(benchmark: string, data: unknown): string {
  const rows = (aims[benchmark]?.(data) ?? []).map(({ what, found, wanted, unit }) => {
    const written = (value: number): string =>
      unit === 'ms' ? `${value.toFixed(0)} ms` : `${value.toFixed(2)} ×`;
    const [limit, met] =
      'least' in wanted
        ? [`at least ${written(wanted.least)}`, found >= wanted.least]
        : [`at most ${written(wanted.most)}`, found <= wanted.most];
    return [what, limit, written(found), met ? 'met' : '**missed**'];
  });
  return rows.length === 0 ? '' : textTable(['aim', 'required', 'measured', ''], rows);
}
