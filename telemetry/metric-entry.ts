/** The shape of a metric's entry in the catalogue, and the buckets that histograms share. */

export const bounded = 'bounded';
export const maximumAttributeValues = 64;

export type AttributeValues = typeof bounded | readonly string[];

export interface MetricEntry {
  readonly name: string;
  readonly kind: 'counter' | 'gauge' | 'histogram';
  /** UCUM: s, By, 1; counted things in braces, such as {record}. */
  readonly unit: string;
  readonly description: string;
  readonly attributes: Readonly<Record<string, AttributeValues>>;
  /** Upper bounds of a histogram's buckets, in its unit. */
  readonly buckets?: readonly number[];
}

/** For durations that should be ms and may be seconds. */
export const seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
/** For durations that may be hours while a backlog is processed. */
export const latencySeconds = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300, 1_800, 7_200];
export const counts = [1, 4, 16, 64, 256, 1_024, 4_096, 16_384];
