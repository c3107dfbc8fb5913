/** Checks whether a bundle was trained on the data that it is to be judged on. */
import { CastwatchError } from '../../base/errors.ts';
import type { Dataset } from '../data/labelled-dataset.ts';
import type { Manifest } from '../bundle/manifest.ts';
import { at } from '../numbers/matrix.ts';

/** Says in words which part of the data the bundle saw in training; undefined when it saw none. */
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
  const doubt = known === undefined ? ' (the bundle does not record its assets, so all assets count)' : '';
  return `${rows} of ${dataset.labels.length} rows, of ${first}${others}, are in the time span that ${bundle} was trained on, ${training.from} to ${training.until}${doubt}`;
}

/**
 * @returns for the page, which part of the data was seen; null when none was
 * @throws CastwatchError INPUT when a part was seen, unless `allowed`
 */
export function checkUnseen(manifest: Manifest, dataset: Dataset, allowed: boolean): string | null {
  const seen = seenInTraining(manifest, dataset);
  if (seen === undefined) return null;
  if (allowed) return seen;
  throw new CastwatchError(
    'INPUT',
    `the bundle was trained on this data, so the evaluation would be worthless: ${seen}`,
    {
      remedy:
        'Use other assets or a later time. With --allow-seen it is evaluated anyway; the figures are then too good, and the page says so.',
    },
  );
}
