/** The judgement of one run, in the words of Kafka's own system tests. */
import type { Reconciliation } from '../../../proof/reconcile.ts';

export type RunVerdict =
  | 'all records delivered'
  /** Records were deleted before a reader read them. All others are as they must be. */
  | 'all records delivered but the deleted ones'
  | 'processed more than generated'
  | 'processed less than generated'
  /** Both less and more, or the right number with other content. */
  | 'processed otherwise than generated';

type Judged = Pick<Reconciliation, 'lost' | 'duplicates' | 'deviations' | 'differences'> &
  Partial<Pick<Reconciliation, 'missing' | 'notCompared'>>;

/** Counts readings without an outcome and missing records and rows as less; repeated and unknown ones as more. */
export function judge({
  lost,
  duplicates,
  deviations,
  differences,
  missing = [],
  notCompared = [],
}: Judged): RunVerdict {
  const less = lost + deviations.missing > 0;
  const more = duplicates + deviations.extra > 0;
  if (less && !more && deviations.different === 0) return 'processed less than generated';
  if (more && !less && deviations.different === 0) return 'processed more than generated';
  if (less || more || deviations.different > 0 || differences.length + notCompared.length > 0)
    return 'processed otherwise than generated';
  return missing.length > 0 ? 'all records delivered but the deleted ones' : 'all records delivered';
}

/** Nearest-rank percentile; null when there are no values. */
export function percentile(values: readonly number[], share: number): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null;
}
