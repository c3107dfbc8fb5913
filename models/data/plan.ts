/** Plans how to judge on a data set: which rows develop the model, in which folds, and which rows are held out. */
import { longestLook } from '../../processes/features.ts';
import type { ProcessDefinition } from '../../processes/schema.ts';
import type { Dataset } from './labelled-dataset.ts';
import { at } from '../numbers/matrix.ts';
import { joinCopies } from './recordings.ts';
import { groupFolds, heldOutEnd, stratifiedFolds, type RowPlaces, type Split } from './splits.ts';

export interface Plan {
  /** A description for the card. */
  readonly description: string;
  readonly places: RowPlaces;
  /** Rows that members, weights and calibration learn from. */
  readonly develop: Uint32Array;
  /** Folds of `develop`. */
  readonly folds: readonly Split[];
  /** Rows after all others, used once; empty when the groups run in parallel. */
  readonly heldOut: Uint32Array;
}

const heldOutShare = 0.25;
const fewGroups = 8;
const blocks = 24;

/**
 * Pieces follow each other in time: the last quarter is held out, and a fold is a run of complete pieces. Assets that
 * are each one group (files, runs, machines) are left out in turn; copies of one recording stay together. When there
 * are too few groups, blocks of time replace them and are judged like pieces. Only rows that are in no order are
 * split at random.
 */
export function planJudgement(
  definition: ProcessDefinition,
  dataset: Dataset,
  folds: number,
  seed = 1,
): Plan {
  const embargo = longestLook(definition);
  const all = Uint32Array.from(dataset.labels.keys());
  if (definition.target.about === 'row') {
    return {
      description: `${folds} folds drawn at random with the same share of every class in each, since the rows are in no order`,
      places: dataset.places,
      develop: all,
      folds: stratifiedFolds(dataset.classes?.of ?? dataset.labels, all, folds, seed),
      heldOut: new Uint32Array(),
    };
  }
  const minutes = `${embargo / 60_000} min`;
  if (dataset.groups.length >= fewGroups && isAssetwise(dataset)) {
    const runs = { ...dataset.places, group: joinCopies(dataset) };
    const apart = new Set(runs.group).size;
    const joined =
      apart < dataset.assets.length ? `; those that hold the same scans stay together, ${apart} runs` : '';
    if (apart >= fewGroups)
      return {
        description: `${folds} folds that leave whole assets out (${dataset.assets.length} assets${joined})`,
        places: runs,
        develop: all,
        folds: groupFolds(runs, all, folds, embargo, true),
        heldOut: new Uint32Array(),
      };
  }
  const count = isAssetwise(dataset) ? 0 : dataset.groups.length;
  const places = count >= fewGroups ? dataset.places : { ...dataset.places, group: timeBlocks(dataset) };
  const what = count >= fewGroups ? `${count} pieces` : `${blocks} blocks of time`;
  const end = heldOutEnd(places, all, heldOutShare, embargo);
  return {
    description: `the last quarter of ${what} held out; before it, ${folds} folds of whole ones; ${minutes} of embargo`,
    places,
    develop: end.train,
    folds: groupFolds(places, end.train, folds, embargo, false),
    heldOut: end.test,
  };
}

const isAssetwise = ({ groups, assets }: Dataset): boolean => groups.every((group) => assets.includes(group));

function timeBlocks({ places, from, until }: Dataset): Uint32Array {
  const length = (until - from + 1) / blocks;
  return Uint32Array.from(places.time, (_, row) => Math.floor((at(places.time, row) - from) / length));
}
