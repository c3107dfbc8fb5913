/** The reasons in predictions and alerts, as they come back from JSON. */
import type { Contribution } from '../../../schemas/generated/types.ts';

export interface StoredReason extends Omit<Contribution, 'value'> {
  /** Null for NaN and the infinities, which JSON does not have. The record on the topic keeps them. */
  readonly value: number | null;
}
export type StoredReasons = readonly StoredReason[];

/** The reasons as records have them: a value that JSON could not hold comes back as NaN. */
export const readReasons = (stored: StoredReasons): readonly Contribution[] =>
  stored.map((reason) => ({ ...reason, value: reason.value ?? Number.NaN }));
