/** The contents of a model card, stored as `card.json`: the training data, the method of judging, and the figures. */
import type { HistoryFacts } from '../data/dataset-facts.ts';
import type { ClassJudgement } from '../judging/class-judgement.ts';
import type { Judgement } from '../judging/judgement.ts';
import type { Leaks } from '../data/leaks.ts';
import type { DroppedFeature } from '../learners/feature-worth.ts';
import type { Effort } from '../learners/member-kind.ts';

export interface ModelCard {
  readonly process: string;
  readonly title: string;
  readonly target: string;
  readonly data: HistoryFacts;
  readonly plan: string;
  readonly seed: number;
  readonly effort: Effort;
  readonly members: readonly {
    readonly name: string;
    readonly weight: number;
    readonly size: number;
    readonly settings: Readonly<Record<string, number>>;
  }[];
  /** The features that the trees did not get, and why; absent in bundles that are older than the selection. */
  readonly selection?: {
    readonly features: number;
    readonly folds: number;
    readonly dropped: readonly DroppedFeature[];
  };
  readonly calibration: string;
  readonly threshold: { readonly value: number; readonly miss: number; readonly falseAlarm: number };
  readonly interval: { readonly coverage: number; readonly measured: number };
  /**
   * The cross-validated judgement: members, weights and calibration for a fold's rows were fitted on the other folds.
   */
  readonly crossValidated: Judgement;
  /** The judgement of the bundle on the held-out rows; null where assets were left out in turn instead. */
  readonly heldOut: Judgement | null;
  /** The result of the leak check; absent on cards that are older than the check. */
  readonly leaks?: Leaks & { readonly said: readonly string[] };
  /** Present where the target has classes; the judgements above are then about the classes to warn of. */
  readonly classes?: {
    readonly warnOf: readonly string[];
    readonly crossValidated: ClassJudgement;
    readonly heldOut: ClassJudgement | null;
  };
  /** The mean |contribution| in log-odds over the training rows, strongest first. */
  readonly features: readonly { readonly title: string; readonly strength: number }[];
  readonly versions: Readonly<Record<string, string>>;
}
