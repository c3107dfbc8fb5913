/**
 * Trainings that ended, kept until the bundle is written: a run that breaks off goes on with what it had. What is kept
 * is found by everything that went into it, the code among it, so it can only be what the training would give again.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import type { Dataset } from './dataset.ts';
import type { Fitted, MemberKind } from './members.ts';

/** @param folder where to keep them; may be deleted at any time. @param onFound told when one was there. */
export function resumable(
  kind: MemberKind,
  folder: string,
  onFound: () => void = () => undefined,
): MemberKind {
  return {
    ...kind,
    async fit(dataset, train, predict, size, seed) {
      const file = join(folder, keyOf(kind, dataset, train, predict, size, seed));
      const kept = read(file);
      if (kept !== undefined) {
        onFound();
        return kept;
      }
      const fitted = await kind.fit(dataset, train, predict, size, seed);
      mkdirSync(folder, { recursive: true });
      // Under its name only when it is whole.
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
    // Not there, or not readable: it is made again.
    return undefined;
  }
}

function keyOf(
  { name, trainer, settings, every }: MemberKind,
  { id, places }: Dataset,
  train: Uint32Array,
  predict: Uint32Array,
  size: number,
  seed: number,
): string {
  const digest = createHash('sha256').update(codeHash());
  digest.update(JSON.stringify([id, name, trainer, settings, every, size, seed]));
  for (const rows of [train, predict, Uint32Array.from(places.group)]) digest.update(rows).update('|');
  return `${name}-${digest.digest('hex').slice(0, 24)}`;
}

let code: string | undefined;

/** Of everything in this folder that trains. */
function codeHash(): string {
  if (code !== undefined) return code;
  const digest = createHash('sha256');
  const folders = ['', 'lstm', 'onnx', 'xgboost'].map((each) => join(import.meta.dirname, each));
  for (const folder of folders)
    for (const file of readdirSync(folder).sort())
      if (file.endsWith('.ts')) digest.update(file).update(readFileSync(join(folder, file)));
  return (code = digest.digest('hex'));
}
