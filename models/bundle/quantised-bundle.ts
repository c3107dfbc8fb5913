/** Makes the 8-bit variant of a bundle: only its recurrent network differs. Once written, it is a separate bundle. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeBundle, type Bundle } from './bundle.ts';
import type { BundleMember } from './manifest.ts';
import { lstmFromOnnx, lstmToInt8Onnx } from '../learners/lstm/lstm-onnx.ts';

/** Makes the variant in memory; undefined where no recurrent network has a weight. Trees gain nothing from 8 bits. */
export function quantisedVariant(bundle: Bundle): Bundle | undefined {
  const { manifest, models } = bundle;
  const member = quantisable(bundle);
  const model = member && models[member.file];
  if (member === undefined || model === undefined) return undefined;
  const int8 = lstmToInt8Onnx(lstmFromOnnx(model), manifest.sequence?.steps ?? 0);
  return { ...bundle, models: { ...models, [member.file]: int8 } };
}

export const quantisable = ({ manifest }: Bundle): BundleMember | undefined =>
  manifest.members.find(({ name, weight }) => name === 'lstm' && weight > 0);

/**
 * Writes the variant below `parent`. It can be tried and promoted as any other bundle. It contains the cards of the
 * original bundle, and `quantised.json` with what was measured.
 * @returns the folder
 */
export function writeQuantised(parent: string, variant: Bundle, measured: unknown): string {
  const { bundle, files, ...contents } = variant.manifest;
  const content = Object.keys(files).map((file): [string, Uint8Array] => [
    file,
    variant.models[file] ?? readFileSync(join(variant.folder, file)),
  ]);
  return writeBundle(parent, contents, {
    ...Object.fromEntries(content),
    'quantised.json': `${JSON.stringify({ of: bundle, measured }, null, 2)}\n`,
  });
}
