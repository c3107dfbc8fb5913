/** How large the state of quality may become. What goes beyond is forgotten, oldest first, and counted. */
import { textLimits } from '../../base/outside-text.ts';
import type { ProcessDefinition } from '../../processes/schema.ts';
import { textBytes } from '../bytes.ts';
import { blockSize } from './episode-list.ts';
import { episodeBytes } from './episode-bytes.ts';
import type { WaitingLabel } from './state.ts';
import { calibrationBins } from './tally.ts';
import { mostBundles } from './window.ts';

/** A longer label is malformed. */
export const mostLabelBytes = 16_384;

/** For all labels that wait for predictions. */
export const mostWaitingBytes = 1024 ** 2;

/** Spans that labels have judged; a repeated label for a forgotten span judges nothing for another reason. */
export const mostSpans = 4_096;

/** Bytes of a waiting label in the state: four numbers, a flag, three references, and its texts. */
export const labelBytes = ({ source, defect, piece }: WaitingLabel): number =>
  45 + textBytes(source) + textBytes(defect ?? '') + textBytes(JSON.stringify(piece));

/** Number of predictions within the time that they wait for a label, and until they are given up. */
export const mostPredictions = ({ quality, features }: ProcessDefinition): number =>
  Math.ceil((quality.retention + quality.hop) / features.hop) + 1;

/** Room for the names of pieces and bundles, which recur. */
const namesPerEpisode = 12;

/** For the closed blocks of episodes. Smaller definitions get more room, in case each episode has a piece of its own. */
export const mostEpisodeBytes = (definition: ProcessDefinition): number =>
  Math.max(mostPredictions(definition) * (episodeBytes + namesPerEpisode), 1024 ** 2);

const name = 4 + textLimits.name;

/** The most bytes that the state of an asset has in the changelog. */
export function largestQualityState(definition: ProcessDefinition): number {
  const { window, hop } = definition.quality;
  const blockHead = 1 + 8 + 8 + 8 + 4 + 4;
  const openBlock = blockHead + blockSize * (episodeBytes + 2 * name);
  const tally = 4 * 4 + 8 + 8 + 3 * calibrationBins * 8 + 4 + notJudgedReasons * (8 + name) + 4 + name;
  const slices = (window / hop + 1) * (8 + 4 + mostBundles * tally);
  const own =
    1 + 4 + 8 + name + 8 + 4 + 8 + 4 * 4 + (mostWaitingBytes + mostLabelBytes) + mostSpans * 16 + slices;
  return own + mostEpisodeBytes(definition) + openBlock;
}

/** The reasons of the schema `judged-predictions`, with room for more. */
const notJudgedReasons = 16;
