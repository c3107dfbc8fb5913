/** The 8-bit variant of a bundle: the same in all but its recurrent network, a bundle of its own once it is written. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeBundle, type Bundle } from './bundle.ts';
import type { BundleMember } from './manifest.ts';
import { lstmFromOnnx, lstmToInt8Onnx } from '../learners/lstm/lstm-onnx.ts';

/** In memory only; undefined where no member with a say is a recurrent network. Trees have nothing to gain by it. */
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
 * Writes the variant below `parent`, to be tried and promoted as any other bundle, with what was measured of it beside
 * the cards of the bundle that it comes from.
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
