/** Reasons of predictions and alerts, as they are stored in JSON and read back. */
import type { Contribution } from '../../../schemas/generated/types.ts';

export interface StoredReason extends Omit<Contribution, 'value'> {
  /** Null for NaN and the infinities, which JSON does not have. The record on the topic keeps them. */
  readonly value: number | null;
}
export type StoredReasons = readonly StoredReason[];

/** Turns stored reasons into those of records. A value that is null in JSON becomes NaN. */
export const readReasons = (stored: StoredReasons): readonly Contribution[] =>
  stored.map((reason) => ({ ...reason, value: reason.value ?? Number.NaN }));
