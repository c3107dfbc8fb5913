/**
 * The data set that a model learns from: rows that the serving steps make of history, joined with the labels of
 * Quality Management. Rows and labels may come in any order. The data set is ordered by time and asset, so the same
 * history gives the same data set and the same id.
 */
import { createHash } from 'node:crypto';
import type { ProcessDefinition } from '../../processes/schema.ts';
import { liveMeaning } from '../../processes/target-label.ts';
import { isoTime } from '../../processors/validate/order.ts';
import { featureNames, featureSetVersion, sequenceTags } from '../../processes/plant.ts';
import type { FeatureRow, QualityLabel } from '../../schemas/generated/types.ts';
import { CastwatchError } from '../../base/errors.ts';
import { malformedText, type Malformed, type MalformedCount } from '../../base/malformed.ts';
import { countsText } from '../../base/text.ts';
import { at, type Matrix } from '../numbers/matrix.ts';
import { createRowStore } from './row-store.ts';
import type { RowPlaces } from './splits.ts';

export interface Dataset {
  /** Hash of the contents, 12 hex digits. */
  readonly id: string;
  readonly process: string;
  readonly target: string;
  readonly featureSet: string;
  readonly featureNames: readonly string[];
  readonly features: Matrix;
  /** Each row [steps × channels], oldest step first; undefined when the definition has no sequence. */
  readonly sequences: Matrix | undefined;
  readonly steps: number;
  readonly channels: number;
  /** 0 or 1; where the target has classes, 1 for the classes to warn of. */
  readonly labels: Float32Array;
  /** The class of each row, in the definition's order; undefined where the target has no classes. */
  readonly classes?: Category;
  /** Asset, event time and group of each row. */
  readonly places: RowPlaces;
  readonly assets: readonly string[];
  readonly groups: readonly string[];
  readonly facts: RowFacts;
  /** Event times of the first and the last row, ms. */
  readonly from: number;
  readonly until: number;
  /** Number of rows that were left out, by reason. */
  readonly leftOut: Readonly<Record<string, number>>;
  /** The unreadable part of the history; absent when everything was readable. */
  readonly malformed?: Malformed;
}

/** More facts of each row, for judging by parts. Models do not learn from them. */
export interface RowFacts {
  /** The kind of defect, where known. */
  readonly defect: Category;
  /** Keyed by the names of the piece's properties (grade …). */
  readonly properties: Readonly<Record<string, Category>>;
  /** When its label became known, ms since the epoch. */
  readonly foundAt: Float64Array;
}

/** For each row an index into `names`; −1 where it is not known. */
export interface Category {
  readonly names: readonly string[];
  readonly of: Int32Array;
}

/** Whether each row is a separate group (`about: row`). Such rows have no order in time. */
export const isInNoOrder = ({ groups, labels }: Pick<Dataset, 'groups' | 'labels'>): boolean =>
  groups.length === labels.length;

export interface DatasetBuilder {
  row(row: FeatureRow): void;
  label(label: QualityLabel): void;
  /**
   * Joins rows with labels, orders them and computes the id.
   * @param lost goes into the error message
   * @throws CastwatchError INPUT when no row has a label, or all rows have the same label
   */
  build(lost?: LostBefore): Dataset;
}

/** The part of a history that never became a row. */
export interface LostBefore {
  readonly malformed?: Malformed;
  /** Readings that validation dropped, by reason. */
  readonly dropped?: Readonly<Record<string, number>>;
}

export function createDatasetBuilder(definition: ProcessDefinition): DatasetBuilder {
  const names = featureNames(definition);
  const channels = sequenceTags(definition).length;
  const steps = definition.features.sequence?.steps ?? 0;
  const features = createRowStore(names.length);
  const sequences = createRowStore(steps * channels);
  const properties = definition.piece?.properties ?? [];
  const heads: { asset: string; time: number; group: string; piece: FeatureRow['piece'] }[] = [];
  const labels = new Map<string, QualityLabel[]>();
  /** Labels whose value means nothing. */
  let malformed: MalformedCount | undefined;
  const leftOut: Record<string, number> = {};
  const leave = (reason: string): void => {
    leftOut[reason] = (leftOut[reason] ?? 0) + 1;
  };

  return {
    row(row) {
      if (row.completeness < definition.target.minCompleteness) {
        leave('completeness below the target’s least');
        return;
      }
      heads.push({
        asset: row.asset,
        time: row.eventTime,
        group: groupOf(definition, row),
        piece: row.piece,
      });
      features.push(row.values);
      sequences.push(sequenceOf(row));
    },
    label(label) {
      if (label.target !== definition.target.id) return;
      const meaning = liveMeaning(definition.target, label);
      if (meaning.kind === 'unknown') return;
      if (meaning.kind === 'malformed') {
        const example = `the label of ${label.source} for ${label.asset} at ${isoTime(label.eventTime)}: ${meaning.what}`;
        malformed = { example, ...malformed, count: (malformed?.count ?? 0) + 1 };
        return;
      }
      const { value, defect } = meaning;
      const known = labels.get(label.asset);
      if (known === undefined) labels.set(label.asset, [{ ...label, value, defect }]);
      else known.push({ ...label, value, defect });
    },
    build(given = {}) {
      const lost =
        malformed === undefined
          ? given
          : { ...given, malformed: { ...given.malformed, 'malformed-label-value': malformed } };
      for (const spans of labels.values())
        spans.sort((a, b) => a.eventTime - b.eventTime || a.foundAt - b.foundAt);
      const found = heads.map((head) => labelAt(labels.get(head.asset) ?? [], head.time - 1));
      const labelled = heads.flatMap((_, row) => (found[row] === undefined ? [] : [row]));
      if (labelled.length < heads.length) leftOut['no label'] = heads.length - labelled.length;
      const { classes, warnOf = [] } = definition.target;
      const kept = labelled.filter((row) => classes?.includes(classOf(found[row])) ?? true);
      if (kept.length < labelled.length) leftOut['a label of no known class'] = labelled.length - kept.length;
      kept.sort((a, b) => compare(heads[a], heads[b]));

      const target = Float32Array.from(kept, (row) =>
        classes === undefined ? (found[row]?.value ?? 0) : Number(warnOf.includes(classOf(found[row]))),
      );
      checkOutcomes(definition, target, leftOut, lost);
      const assets = [...new Set(kept.map((row) => heads[row]?.asset ?? ''))].sort();
      const groups = [...new Set(kept.map((row) => heads[row]?.group ?? ''))];
      const assetIndex = new Map(assets.map((asset, index) => [asset, index]));
      const groupIndex = new Map(groups.map((group, index) => [group, index]));
      const time = Float64Array.from(kept, (row) => heads[row]?.time ?? 0);
      const data: Omit<Dataset, 'id'> = {
        process: definition.process,
        target: definition.target.id,
        featureSet: featureSetVersion(definition),
        featureNames: names,
        features: features.gather(kept),
        sequences: steps === 0 ? undefined : sequences.gather(kept),
        steps,
        channels,
        labels: target,
        ...(classes && {
          classes: {
            names: classes,
            of: Int32Array.from(kept, (row) => classes.indexOf(classOf(found[row]))),
          },
        }),
        places: {
          time,
          asset: Uint32Array.from(kept, (row) => assetIndex.get(heads[row]?.asset ?? '') ?? 0),
          group: Uint32Array.from(kept, (row) => groupIndex.get(heads[row]?.group ?? '') ?? 0),
        },
        assets,
        groups,
        facts: {
          defect: categorise(kept, (row) => found[row]?.defect ?? undefined),
          properties: Object.fromEntries(
            properties.map((name) => [name, categorise(kept, (row) => heads[row]?.piece[name])]),
          ),
          foundAt: Float64Array.from(kept, (row) => found[row]?.foundAt ?? Number.NaN),
        },
        from: at(time, 0),
        until: at(time, time.length - 1),
        leftOut,
      };
      return { ...data, id: hash(data), ...(lost.malformed && { malformed: lost.malformed }) };
    },
  };
}

/** A piece that was inspected and found good has the class `none`. */
const classOf = (label: QualityLabel | undefined): string =>
  label === undefined || label.value === 0 ? 'none' : (label.defect ?? '');

/**
 * The group of a row: the outermost piece where the target is about a piece, and the row itself where it is about rows.
 * Otherwise the complete history of an asset is one group.
 */
function groupOf({ target, piece }: ProcessDefinition, row: FeatureRow): string {
  if (target.about === 'row') return `${row.asset} ${row.eventTime}`;
  const level = piece?.levels[0];
  const number = target.about === 'piece' && level !== undefined ? row.piece[level] : undefined;
  return number === undefined ? row.asset : `${level} ${number}`;
}

/** The bytes of a row's sequence as numbers. It copies them, because the bytes may be unaligned. */
export function sequenceOf(row: FeatureRow): Float32Array {
  return new Float32Array(new Uint8Array(row.sequence).buffer);
}

function categorise(rows: readonly number[], nameOf: (row: number) => string | undefined): Category {
  const names = [...new Set(rows.flatMap((row) => nameOf(row) ?? []))].sort();
  const index = new Map(names.map((name, place) => [name, place]));
  return { names, of: Int32Array.from(rows, (row) => index.get(nameOf(row) ?? '') ?? -1) };
}

/** The label with the latest span that contains `time`; undefined when there is none. */
function labelAt(spans: readonly QualityLabel[], time: number): QualityLabel | undefined {
  let [low, high] = [0, spans.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((spans[middle]?.eventTime ?? 0) <= time) low = middle + 1;
    else high = middle;
  }
  const span = spans[low - 1];
  return span !== undefined && time < span.until ? span : undefined;
}

type Head = { readonly asset: string; readonly time: number } | undefined;

function compare(a: Head, b: Head): number {
  if (a === undefined || b === undefined) return 0;
  return a.time - b.time || (a.asset < b.asset ? -1 : Number(a.asset > b.asset));
}

function checkOutcomes(
  definition: ProcessDefinition,
  labels: Float32Array,
  leftOut: Dataset['leftOut'],
  { malformed = {}, dropped = {} }: LostBefore,
): void {
  const positives = labels.reduce((sum, label) => sum + label, 0);
  if (positives > 0 && positives < labels.length) return;
  const lost = [
    ['not readable', malformedText(malformed)],
    ['dropped by validation', countsText(dropped)],
    ['left out', countsText(leftOut)],
  ].flatMap(([what, text]) => (text === undefined ? [] : [`${what}: ${text}`]));
  throw new CastwatchError(
    'INPUT',
    `the history for ${definition.process} has ${labels.length} labelled rows, ${positives} of them with target "${definition.target.id}": both outcomes are needed` +
      lost.map((each) => `\n  ${each}`).join(''),
    {
      remedy:
        lost.length > 0 && labels.length === 0
          ? 'Fix the files or the process definition; the reasons above say what is wrong.'
          : 'Use a longer history, or files with both outcomes. Or check the label column or the quality-labels of the source.',
    },
  );
}

function hash(data: Omit<Dataset, 'id'>): string {
  const digest = createHash('sha256');
  digest.update(JSON.stringify([data.process, data.target, data.featureSet, data.assets, data.groups]));
  const arrays = [
    data.places.time,
    data.labels,
    data.features.data,
    data.sequences?.data,
    data.places.asset,
    data.places.group,
    data.classes?.of,
  ];
  for (const array of arrays) {
    if (array !== undefined && ArrayBuffer.isView(array)) {
      digest.update(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
    }
  }
  return digest.digest('hex').slice(0, 12);
}
