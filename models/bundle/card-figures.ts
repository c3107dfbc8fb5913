/** Reads the figures of a bundle from its `card.json`: those of its rows that training did not use. */
import { z } from 'zod';
import { parseBundleFile, readBundleFile } from './bundle-files.ts';

/** `JSON.stringify` writes NaN as null. */
const figure = z
  .number()
  .nullable()
  .transform((value) => value ?? Number.NaN);
const between = z
  .tuple([z.number(), z.number()])
  .nullish()
  .transform((value) => value ?? null);

const score = z.object({
  name: z.string(),
  rocAuc: figure,
  prAuc: figure,
  brier: figure,
  logLoss: figure,
  warning: z.object({ cost: figure }),
  between: z.object({ rocAuc: between, prAuc: between, cost: between }),
});

const judged = z.object({ rows: z.int(), positives: z.number(), scores: z.array(score).min(1) });

const card = z.object({
  data: z.object({ id: z.string() }),
  crossValidated: judged,
  heldOut: judged.nullish(),
});

export type CardScore = z.infer<typeof score>;

export interface CardFigures {
  /** The id of the data set. */
  readonly data: string;
  readonly rows: number;
  /** Number of rows with the target. */
  readonly positives: number;
  readonly isHeldOut: boolean;
  readonly ensemble: CardScore;
  /** Its members and the baselines. */
  readonly others: readonly CardScore[];
}

/** @throws CastwatchError MODEL when the bundle has no valid card */
export function readFigures(folder: string): CardFigures {
  const { data, crossValidated, heldOut } = parseBundleFile(
    card,
    folder,
    'card.json',
    readBundleFile(folder, 'card.json'),
  );
  const { rows, positives, scores } = heldOut ?? crossValidated;
  const [ensemble, ...others] = scores;
  if (ensemble === undefined) throw new Error('the schema of a card lets no empty list of scores pass');
  return { data: data.id, rows, positives, isHeldOut: (heldOut ?? null) !== null, ensemble, others };
}
