/** Whether a bundle fits the rows of a process definition, and what differs where it does not. */
import { CastwatchError } from '../../base/errors.ts';
import { featureSetVersion, usedUnits, versionWithoutUnits } from '../../processes/feature-set.ts';
import { describeFeatures, featureNames } from '../../processes/plant.ts';
import type { ProcessDefinition } from '../../processes/schema.ts';
import type { Bundle } from './bundle.ts';
import type { Manifest } from './manifest.ts';

/** The process and feature set of rows. The rest says what differs, where it is known. */
export interface RowShape {
  readonly process: string;
  readonly featureSet: string;
  readonly featureNames?: readonly string[];
  /** The feature set's version without units: what bundles name that are older than units in versions. */
  readonly withoutUnits?: string;
  readonly units?: readonly UsedUnit[];
}

/** The unit of a tag, and the features that are in that unit, or in that unit per second. */
interface UsedUnit {
  readonly tag: string;
  readonly unit: string;
  readonly features: readonly { readonly name: string; readonly suffix: string }[];
}

export function rowShapeOf(definition: ProcessDefinition): RowShape {
  const described = [...describeFeatures(definition)];
  return {
    process: definition.process,
    featureSet: featureSetVersion(definition),
    featureNames: featureNames(definition),
    withoutUnits: versionWithoutUnits(definition),
    units: usedUnits(definition).map(([tag, unit]) => ({
      tag,
      unit,
      features: described.flatMap(([name, feature]) => {
        const suffix = feature.tag === tag ? suffixOf(feature.unit, unit) : undefined;
        return suffix === undefined ? [] : [{ name, suffix }];
      }),
    })),
  };
}

const suffixOf = (unit: string, tagUnit: string): string | undefined =>
  ['', '/s'].find((suffix) => unit === tagUnit + suffix);

export function isFit({ manifest }: Bundle, here: RowShape): boolean {
  if (manifest.process !== here.process) return false;
  if (manifest.featureSet === here.featureSet) return true;
  // The units of an older bundle are not in its version, but in its manifest.
  return manifest.featureSet === here.withoutUnits && otherUnits(manifest, here).length === 0;
}

/** @throws CastwatchError MODEL when the bundle was trained on another process, feature set or unit */
export function checkBundleFits(bundle: Bundle, here: RowShape): void {
  if (isFit(bundle, here)) return;
  const { manifest } = bundle;
  const isOurs = manifest.process === here.process;
  const units = isOurs ? otherUnits(manifest, here) : [];
  const differs = isOurs && here.featureNames ? `: ${differenceOf(manifest, here.featureNames, units)}` : '';
  throw new CastwatchError(
    'MODEL',
    `${manifest.bundle} was trained for ${manifest.process}, feature set ${manifest.featureSet}; here it is ${here.process}, feature set ${here.featureSet}${differs}`,
    { remedy: units.length === 0 ? train : `${restore} ${train}` },
  );
}

const train = 'Train a bundle for this process definition: `npm run train -- --process FILE`.';
const restore =
  'If the plant still sends the tag in the old unit, put that back into the definition. Otherwise use readings since the change only.';

function otherUnits(manifest: Manifest, { units }: RowShape): string[] {
  return (units ?? []).flatMap((used) => {
    const trained = trainedUnit(manifest, used);
    if (trained === undefined || trained === used.unit) return [];
    return [
      `it was trained with ${used.tag} in ${inWords(trained)}, and the definition has it in ${inWords(used.unit)}`,
    ];
  });
}

/** Undefined when the bundle does not say it: it has no feature that depends on the tag's unit. */
function trainedUnit(
  { sequence, features }: Manifest,
  { tag, features: inUnit }: UsedUnit,
): string | undefined {
  const channel = sequence?.tags.indexOf(tag) ?? -1;
  const unit = sequence?.words?.[channel]?.unit;
  if (unit !== undefined) return unit;
  for (const { name, suffix } of inUnit) {
    const trained = features.find((feature) => feature.name === name)?.unit;
    if (trained?.endsWith(suffix)) return trained.slice(0, trained.length - suffix.length);
  }
  return undefined;
}

const inWords = (unit: string): string => (unit === '' ? 'no unit' : unit);

function differenceOf(manifest: Manifest, here: readonly string[], units: readonly string[]): string {
  const there = manifest.features.map(({ name }) => name);
  const gone = there.filter((name) => !here.includes(name));
  const added = here.filter((name) => !there.includes(name));
  const parts = [
    ...units,
    ...(gone.length === 0
      ? []
      : [`it was trained with ${someOf(gone)}, which the definition no longer gives`]),
    ...(added.length === 0 ? [] : [`the definition gives ${someOf(added)}, which it does not know`]),
  ];
  if (parts.length > 0) return parts.join('; ');
  return 'features have the same names, but the period, a window, the hop, a normal band, a required tag or the sequence has changed';
}

const someOf = (names: readonly string[]): string =>
  names.length <= 3
    ? names.join(', ')
    : `${names.slice(0, 3).join(', ')} and ${names.length - 3} more features`;
