/** What cards say of a data set: its id, its time, its rows, and what of the history was left out. */
import type { Malformed } from '../../base/malformed.ts';
import type { Dataset } from './labelled-dataset.ts';

/** Which rows a card is about. */
export interface DatasetFacts {
  readonly id: string;
  readonly featureSet: string;
  /** ISO 8601. */
  readonly from: string;
  readonly until: string;
  readonly rows: number;
  readonly positives: number;
  readonly assets: number;
}

/** With what training found in the history apart from the rows. */
export interface HistoryFacts extends DatasetFacts {
  readonly groups: number;
  readonly leftOut: Readonly<Record<string, number>>;
  /** What of the history could not be read; left out when all of it could. */
  readonly malformed?: Malformed;
}

/** Of a data set, whatever it is used for. */
export function datasetFacts(dataset: Dataset): DatasetFacts {
  return {
    id: dataset.id,
    featureSet: dataset.featureSet,
    from: new Date(dataset.from).toISOString(),
    until: new Date(dataset.until).toISOString(),
    rows: dataset.labels.length,
    positives: dataset.labels.reduce((sum, label) => sum + label, 0),
    assets: dataset.assets.length,
  };
}

/** Of a data set as training got it. */
export function historyFacts(dataset: Dataset): HistoryFacts {
  return {
    ...datasetFacts(dataset),
    groups: dataset.groups.length,
    leftOut: dataset.leftOut,
    ...(dataset.malformed && { malformed: dataset.malformed }),
  };
}
