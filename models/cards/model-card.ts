/** The model card: what a bundle was trained on, how it was judged, and how well it does. `card.json` holds it. */
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
  /** What the trees were not given, and why; bundles made before there was a selection do not say. */
  readonly selection?: {
    readonly features: number;
    readonly folds: number;
    readonly dropped: readonly DroppedFeature[];
  };
  readonly calibration: string;
  readonly threshold: { readonly value: number; readonly miss: number; readonly falseAlarm: number };
  readonly interval: { readonly coverage: number; readonly measured: number };
  /** Cross-validated: members, weights and calibration of each fold's rows were fitted on the others. */
  readonly crossValidated: Judgement;
  /** The very bundle on the last, untouched part; null where assets were left out by turns instead. */
  readonly heldOut: Judgement | null;
  /** What may know the label too well; left out on cards made before that was looked for. */
  readonly leaks?: Leaks & { readonly said: readonly string[] };
  /** Where the target has classes; the judgements above are then about those to warn of. */
  readonly classes?: {
    readonly warnOf: readonly string[];
    readonly crossValidated: ClassJudgement;
    readonly heldOut: ClassJudgement | null;
  };
  /** Mean |contribution| in log-odds over the training rows; strongest first. */
  readonly features: readonly { readonly title: string; readonly strength: number }[];
  readonly versions: Readonly<Record<string, string>>;
}
