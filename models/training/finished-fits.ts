/**
 * Keeps each finished fit of a training until the bundle is written, so that an interrupted training can continue.
 * The key of a fit consists of everything that decides its result: {@link trainingVersion}, the data set, the
 * settings, the rows and the seed. So a kept fit is always what training would compute again.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import type { Dataset } from '../data/labelled-dataset.ts';
import type { Fitted, MemberKind } from '../learners/member-kind.ts';

/**
 * Raise this by one in every change that makes training compute something else from the same data, settings and seed:
 * in `learners/`, in `onnx/`, or in what they import from `numbers/` and `data/`. Kept fits of another version are not
 * used. A change that leaves all results the same (a rename, a move, a comment) keeps the number.
 */
export const trainingVersion = 1;

/**
 * @param folder where to keep finished fits; it may be deleted at any time
 * @param onFound called when a kept fit is used
 * @param version other than {@link trainingVersion} in tests only
 */
export function resumable(
  kind: MemberKind,
  folder: string,
  onFound: () => void = () => undefined,
  version = trainingVersion,
): MemberKind {
  return {
    ...kind,
    async fit(dataset, train, predict, size, seed) {
      const file = join(folder, keyOf(version, kind, dataset, train, predict, size, seed));
      const kept = read(file);
      if (kept !== undefined) {
        onFound();
        return kept;
      }
      const fitted = await kind.fit(dataset, train, predict, size, seed);
      mkdirSync(folder, { recursive: true });
      // The file gets its name only when it is complete.
      writeFileSync(`${file}.part`, serialize(fitted));
      renameSync(`${file}.part`, file);
      return fitted;
    },
  };
}

function read(file: string): Fitted | undefined {
  try {
    const fitted = deserialize(readFileSync(file)) as Fitted;
    return { ...fitted, onnx: Buffer.from(fitted.onnx) };
  } catch {
    // The file is missing or not readable, so the fit is made again.
    return undefined;
  }
}

function keyOf(
  version: number,
  { name, trainer, settings, every }: MemberKind,
  { id, places }: Dataset,
  train: Uint32Array,
  predict: Uint32Array,
  size: number,
  seed: number,
): string {
  const digest = createHash('sha256');
  digest.update(JSON.stringify([version, id, name, trainer, settings, every, size, seed]));
  for (const rows of [train, predict, Uint32Array.from(places.group)]) digest.update(rows).update('|');
  return `${name}-${digest.digest('hex').slice(0, 24)}`;
}
