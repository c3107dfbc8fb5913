/** What each feature was found to be worth to a member that chooses its features. */

export interface FeatureWorth {
  /** Share of the forest's gain. */
  readonly gain: number;
  /** How much the log loss of unseen groups rises when the feature is shuffled; 0 where that was not asked. */
  readonly permutation: number;
  readonly kept: boolean;
}

/** A feature that was dropped, for the card. */
export interface DroppedFeature {
  readonly feature: string;
  readonly gain: number;
  readonly permutation: number;
  /** In how many of the cross-validation's folds it was dropped too. */
  readonly folds: number;
}

/** @param worth of the final training; @param folds of each fold's, made without a look at the fold. */
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

/** The columns that stay, ascending. */
export const keptColumns = (worth: readonly FeatureWorth[]): Uint32Array =>
  Uint32Array.from(worth.flatMap(({ kept }, column) => (kept ? [column] : [])));
