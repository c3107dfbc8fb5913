/** What a benchmark is, and what it returns. */
import type { Plot } from '../reporting/plot.ts';

export interface BenchmarkOptions {
  /** Default: the benchmark's own. */
  readonly repeats?: number;
  readonly records?: number;
  /** Names of contenders. */
  readonly only?: readonly string[];
  /** Folder for CPU profiles of our own processes. */
  readonly profiles?: string;
  readonly say: (line: string) => void;
}

export interface BenchmarkOutcome {
  /** False when an output was wrong; undefined where no outputs are compared. */
  readonly agrees: boolean | undefined;
  /** For the terminal and the report: Markdown. */
  readonly text: string;
  readonly plots?: readonly Plot[];
  /** All measurements. */
  readonly data: unknown;
}

export interface Benchmark {
  readonly name: string;
  readonly title: string;
  run(options: BenchmarkOptions): Promise<BenchmarkOutcome>;
}
