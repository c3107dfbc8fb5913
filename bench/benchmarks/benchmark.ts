/** One thing that is measured. */
import type { Plot } from '../reporting/plot.ts';

export interface BenchmarkOptions {
  /** Its own defaults where left out. */
  readonly repeats?: number;
  readonly records?: number;
  /** Names of contenders. */
  readonly only?: readonly string[];
  /** A folder: CPU profiles of our own processes go there. */
  readonly profiles?: string;
  readonly say: (line: string) => void;
}

export interface BenchmarkOutcome {
  /** False when an output was not what it has to be; undefined where nothing is compared. */
  readonly agrees: boolean | undefined;
  /** For the terminal and the report: Markdown. */
  readonly text: string;
  readonly plots?: readonly Plot[];
  /** All that was measured. */
  readonly data: unknown;
}

export interface Benchmark {
  readonly name: string;
  readonly title: string;
  run(options: BenchmarkOptions): Promise<BenchmarkOutcome>;
}
