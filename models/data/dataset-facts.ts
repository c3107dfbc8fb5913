/** The facts of a data set that cards show: its id, its time span, its rows, and what was left out of the history. */
import type { Malformed } from '../../base/malformed.ts';
import type { Dataset } from './labelled-dataset.ts';

/** The rows that a card is about. */
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

/** Adds what training found in the history: its groups, and what was left out or not readable. */
export interface HistoryFacts extends DatasetFacts {
  readonly groups: number;
  readonly leftOut: Readonly<Record<string, number>>;
  /** The unreadable part of the history; absent when everything was readable. */
  readonly malformed?: Malformed;
}

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

export function historyFacts(dataset: Dataset): HistoryFacts {
  return {
    ...datasetFacts(dataset),
    groups: dataset.groups.length,
    leftOut: dataset.leftOut,
    ...(dataset.malformed && { malformed: dataset.malformed }),
  };
}
