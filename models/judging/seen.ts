/** Whether a bundle learnt from the data that it is to be judged on. */
import { CastwatchError } from '../../base/errors.ts';
import type { Dataset } from '../data/labelled-dataset.ts';
import type { Manifest } from '../bundle/manifest.ts';
import { at } from '../numbers/matrix.ts';

/** In words, how the data was seen in training; undefined when none of it was. */
export function seenInTraining({ bundle, training }: Manifest, dataset: Dataset): string | undefined {
  if (training.data === dataset.id) return `data set ${dataset.id} is the one that ${bundle} was trained on`;
  const [from, until] = [Date.parse(training.from), Date.parse(training.until)];
  const known = training.assetNames === undefined ? undefined : new Set(training.assetNames);
  const assets = new Set<string>();
  let rows = 0;
  dataset.labels.forEach((_, row) => {
    const time = at(dataset.places.time, row);
    const asset = dataset.assets[at(dataset.places.asset, row)] ?? '';
    if (time < from || time > until || (known !== undefined && !known.has(asset))) return;
    rows += 1;
    assets.add(asset);
  });
  if (rows === 0) return undefined;
  const [first = '', ...more] = assets;
  const others = more.length === 0 ? '' : ` and ${more.length} more`;
  const doubt = known === undefined ? ' (which assets it was trained on is not recorded: all are taken)' : '';
  return `${rows} of ${dataset.labels.length} rows, of ${first}${others}, lie in the time that ${bundle} was trained on, ${training.from} to ${training.until}${doubt}`;
}

/** @throws CastwatchError INPUT unless `allowed`. @returns for the card: how it was seen. */
export function checkUnseen(manifest: Manifest, dataset: Dataset, allowed: boolean): string | null {
  const seen = seenInTraining(manifest, dataset);
  if (seen === undefined) return null;
  if (allowed) return seen;
  throw new CastwatchError('INPUT', `this would not judge the bundle but praise its memory: ${seen}`, {
    remedy:
      'Judge on other assets or on a later time; or say --allow-seen: the figures are then too good, and the card says so.',
  });
}
