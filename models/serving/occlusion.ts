/**
 * Explains the answer of a sequence model by occlusion (Zeiler and Fergus 2014): it hides each tag and runs the model
 * again. A hidden tag is missing in all steps, which the model has learnt to handle. The change of the log-odds is
 * the tag's contribution.
 */
import type { Contribution } from '../../schemas/generated/types.ts';
import { calibrate } from '../blend/calibration.ts';
import { decimalsFor, numberText } from './reasons.ts';
import type { Manifest, BundleMember } from '../bundle/manifest.ts';
import { at, logit } from '../numbers/matrix.ts';

/** Maximum number of tags that are reported, strongest first. */
const most = 2;
/** Minimum contribution of a reported tag, log-odds. */
const least = 0.05;

/** Copies the sequence once for each channel, with that channel hidden. @returns [channels × steps × channels] */
export function hideEach(sequence: Float32Array, channels: number): Float32Array {
  const all = new Float32Array(channels * sequence.length);
  for (let hidden = 0; hidden < channels; hidden += 1) {
    const start = hidden * sequence.length;
    all.set(sequence, start);
    for (let place = hidden; place < sequence.length; place += channels) all[start + place] = Number.NaN;
  }
  return all;
}

/**
 * @param sequence scaled by the tags' normal bands, where `words` has them
 * @param answer the member's raw probability of the complete sequence
 * @param hidden its raw probabilities with each channel hidden
 */
export function tagReasons(
  manifest: Manifest,
  member: BundleMember,
  sequence: Float32Array,
  answer: number,
  hidden: ArrayLike<number>,
): Contribution[] {
  const { sequence: shape } = manifest;
  const words = shape?.words;
  if (shape === null || words === undefined) return [];
  const odds = (raw: number): number => logit(calibrate(member.calibration, raw));
  const worth = words.map((_, channel) => odds(answer) - odds(at(hidden, channel)));
  return [...worth.keys()]
    .filter((channel) => Math.abs(at(worth, channel)) >= least)
    .sort((a, b) => Math.abs(at(worth, b)) - Math.abs(at(worth, a)) || a - b)
    .slice(0, most)
    .flatMap((channel) => {
      const word = words[channel];
      if (word === undefined) return [];
      const course = courseOf(sequence, channel, shape.channels, word.normal);
      return {
        feature: `${shape.tags[channel] ?? channel}.sequence`,
        value: course.at(-1) ?? Number.NaN,
        contribution: at(worth, channel),
        text: inWords(word, course, shape.span ?? 0),
      };
    });
}

type Word = NonNullable<NonNullable<Manifest['sequence']>['words']>[number];

/** The known values in the tag's unit, oldest first; none where the sequence is not scaled by the normal band. */
function courseOf(
  sequence: Float32Array,
  channel: number,
  channels: number,
  normal: Word['normal'],
): number[] {
  if (normal === null) return [];
  const [middle, half] = [(normal[0] + normal[1]) / 2, (normal[1] - normal[0]) / 2];
  const course: number[] = [];
  for (let place = channel; place < sequence.length; place += channels) {
    const value = at(sequence, place);
    if (!Number.isNaN(value)) course.push(middle + value * half);
  }
  return course;
}

/** For example "mould level was between 95 and 108 mm over 60 s, usually 97 to 103". */
function inWords({ title, unit, normal }: Word, course: readonly number[], span: number): string {
  const over = `over ${Math.round(span / 1000)} s`;
  if (normal === null || course.length === 0) return `course of the ${title} ${over}`;
  const digits = decimalsFor(normal[1] - normal[0]);
  const [low, high] = [Math.min(...course), Math.max(...course)].map((value) => numberText(value, digits));
  return `${title} was between ${low ?? ''} and ${high ?? ''}${unit === '' ? '' : ` ${unit}`} ${over}, usually ${numberText(normal[0], digits)} to ${numberText(normal[1], digits)}`;
}
