/** The worth of each feature to a member that selects its features. */

export interface FeatureWorth {
  /** Its share of the forest's gain. */
  readonly gain: number;
  /** How much the log loss of unseen groups rises when the feature is shuffled; 0 where this was not measured. */
  readonly permutation: number;
  readonly kept: boolean;
}

/** A feature that was dropped, for the card. */
export interface DroppedFeature {
  readonly feature: string;
  readonly gain: number;
  readonly permutation: number;
  /** The number of folds of the cross-validation in which it was dropped too. */
  readonly folds: number;
}

/**
 * @param worth from the final training
 * @param folds from the training of each fold, which did not see the fold's rows
 */
export const droppedFeatures = (
  names: readonly string[],
  worth: readonly FeatureWorth[],
  folds: readonly (readonly FeatureWorth[])[],
): readonly DroppedFeature[] =>
  worth.flatMap(({ kept, gain, permutation }, column) =>
    kept
      ? []
      : [
          {
            feature: names[column] ?? '',
            gain,
            permutation,
            folds: folds.filter((fold) => fold[column]?.kept === false).length,
          },
        ],
  );

/** The columns that are kept, ascending. */
export const keptColumns = (worth: readonly FeatureWorth[]): Uint32Array =>
  Uint32Array.from(worth.flatMap(({ kept }, column) => (kept ? [column] : [])));
