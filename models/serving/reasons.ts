/** Gives the reasons of an answer in plant words: the features that contributed most in the trees. */
import type { Contribution } from '../../schemas/generated/types.ts';
import { at } from '../numbers/matrix.ts';
import type { ModelFeature } from '../bundle/manifest.ts';

const most = 5;
/** Minimum share of all contributions for a reason. The strongest feature is always a reason. */
const least = 0.02;

/**
 * Lists the strongest reasons first; equal ones in the feature set's order. Features that contribute nearly nothing
 * are left out.
 * @param values one for each feature, NaN for missing
 * @param contributions log-odds, one for each feature
 */
export function strongestReasons(
  features: readonly ModelFeature[],
  values: ArrayLike<number>,
  contributions: Float64Array,
): Contribution[] {
  const size = (index: number): number => Math.abs(at(contributions, index));
  const total = contributions.reduce((sum, each) => sum + Math.abs(each), 0);
  const order = Array.from(contributions.keys())
    .filter((index) => size(index) > 0)
    .sort((a, b) => size(b) - size(a) || a - b)
    .filter((index, place) => place === 0 || size(index) >= least * total);
  return order.slice(0, most).flatMap((index) => {
    const feature = features[index];
    if (feature === undefined) return [];
    const value = at(values, index);
    return {
      feature: feature.name,
      value,
      contribution: at(contributions, index),
      text: inWords(feature, value),
    };
  });
}

/** For example "mould level spread over 60 s is 7.1 mm, usually 2.4–3.8". */
export function inWords({ title, unit, usual }: ModelFeature, value: number): string {
  if (!Number.isFinite(value)) return `${title} is missing`;
  const digits = decimalsFor(usual === null || usual[0] === usual[1] ? value : usual[1] - usual[0]);
  const said = `${title} is ${numberText(value, digits)}${unit === '' ? '' : ` ${unit}`}`;
  if (usual === null) return said;
  const [low, high] = [numberText(usual[0], digits), numberText(usual[1], digits)];
  return `${said}, usually ${low === high ? low : `${low}${low.startsWith(minus) || high.startsWith(minus) ? ' to ' : '–'}${high}`}`;
}

/** The number of decimals that shows two significant digits of the width of the usual range. */
export function decimalsFor(width: number): number {
  const size = Math.abs(width);
  return size === 0 ? 0 : Math.min(6, Math.max(0, 1 - Math.floor(Math.log10(size))));
}

const minus = '−';

/** Writes a number with `digits` decimals and a typographic minus sign. */
export const numberText = (value: number, digits: number): string => {
  const text = value.toFixed(digits);
  return Number(text) === 0 ? (0).toFixed(digits) : text.replace('-', minus);
};
