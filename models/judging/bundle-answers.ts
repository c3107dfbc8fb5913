/**
 * Runs a bundle on the rows of a data set, with the same models, calibration and blend that serve, but without
 * reasons.
 */
import { consensus } from '../serving/answer.ts';
import type { Bundle } from '../bundle/bundle.ts';
import type { Dataset } from '../data/labelled-dataset.ts';
import { openAll, opinionsOf, rowsPerRun, runMembers } from '../serving/inference.ts';
import { at } from '../numbers/matrix.ts';

export interface Said {
  /** One for each row; NaN where no member could answer. */
  readonly ensemble: Float64Array;
  /** For each member and row: the member's calibrated probability; NaN where it did not answer. */
  readonly members: readonly Float64Array[];
  /** [rows × classes], calibrated; NaN where no member could answer. Undefined where the bundle has no classes. */
  readonly classes?: Float64Array;
}

/** @throws CastwatchError MODEL when a model cannot run */
export async function replay(
  bundle: Bundle,
  dataset: Dataset,
  onProgress: (share: number) => void = () => undefined,
): Promise<Said> {
  const { features, sequences } = dataset;
  const rows = features.rows;
  const ensemble = new Float64Array(rows).fill(Number.NaN);
  const members = bundle.manifest.members.map(() => new Float64Array(rows).fill(Number.NaN));
  const kinds = bundle.manifest.classes?.names.length;
  const classes = kinds === undefined ? undefined : new Float64Array(rows * kinds).fill(Number.NaN);
  const sessions = await openAll(bundle);
  try {
    const batch = await rowsPerRun(bundle, sessions);
    for (let from = 0; from < rows; from += batch) {
      const until = Math.min(rows, from + batch);
      const some = features.data.slice(from * features.columns, until * features.columns);
      const ahead = sequences?.data.slice(from * sequences.columns, until * sequences.columns);
      const raw = await runMembers(bundle, sessions, some, ahead ?? new Float32Array(), until - from);
      for (let row = from; row < until; row += 1) {
        const said = consensus(
          bundle.manifest,
          opinionsOf(bundle, raw, ahead ?? new Float32Array(), row - from),
        );
        ensemble[row] = said.probability ?? Number.NaN;
        if (said.classes !== null) classes?.set(said.classes, row * said.classes.length);
        said.own.forEach((value, index) => {
          const mine = members[index];
          if (mine !== undefined) mine[row] = value ?? Number.NaN;
        });
      }
      onProgress(until / rows);
    }
  } finally {
    for (const session of sessions) await session.release();
  }
  return { ensemble, members, ...(classes && { classes }) };
}

/** Fills in `fallback` where a member did not answer. `silent` is the number of these rows. */
export function filled(values: Float64Array, fallback: number): { values: Float64Array; silent: number } {
  let silent = 0;
  const all = values.map((value) => {
    if (!Number.isNaN(value)) return value;
    silent += 1;
    return fallback;
  });
  return { values: all, silent };
}

/** The rows that the ensemble answered. */
export const answered = ({ ensemble }: Said): Uint32Array =>
  Uint32Array.from(ensemble.keys()).filter((row) => !Number.isNaN(at(ensemble, row)));
