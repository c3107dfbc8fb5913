/** What a metric is, and the buckets that histograms share. */

export const bounded = 'bounded';
export const maximumAttributeValues = 64;

export type AttributeValues = typeof bounded | readonly string[];

export interface MetricEntry {
  readonly name: string;
  readonly kind: 'counter' | 'gauge' | 'histogram';
  /** UCUM: s, By, 1; {record} and the like for what is counted. */
  readonly unit: string;
  readonly description: string;
  readonly attributes: Readonly<Record<string, AttributeValues>>;
  /** Upper bounds of a histogram's buckets, in its unit. */
  readonly buckets?: readonly number[];
}

/** For what should take ms and may take seconds. */
export const seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
/** For what may take hours when a backlog is worked off. */
export const latencySeconds = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300, 1_800, 7_200];
export const counts = [1, 4, 16, 64, 256, 1_024, 4_096, 16_384];
