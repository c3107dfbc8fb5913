/** How early a warning comes: episodes of the target (runs of positive rows of one asset) and the first warning of each. */
import type { Dataset } from '../dataset.ts';
import { at } from '../matrix.ts';

export interface Lead {
  /** Runs of positive rows, those nearer to each other than the longest window taken as one. */
  readonly episodes: number;
  /** Warned of before they ended. */
  readonly warned: number;
  /** Warned of before they began. */
  readonly before: number;
  /**
   * Of the episodes warned of: seconds from the first warning to the beginning of the episode, 10th, 50th and 90th
   * percentile; below 0 the warning came after the beginning.
   */
  readonly seconds: readonly [number, number, number] | null;
  /** Median time from the first warning until quality found it, s; null where the day it was found is not told. */
  readonly beforeFound: number | null;
}

export interface LeadOptions {
  readonly threshold: number;
  /** Length of the span that a row judges, ms. */
  readonly hop: number;
  /** A warning so long before an episode is still of it, and episodes nearer than this are one; ms. */
  readonly look: number;
}

/** @param probabilities of `rows`, in their order. */
export function leadTimes(
  dataset: Dataset,
  rows: Uint32Array,
  probabilities: ArrayLike<number>,
  options: LeadOptions,
): Lead {
  const leads: number[] = [];
  const untilFound: number[] = [];
  let [episodes, before] = [0, 0];
  for (const places of byAsset(dataset, rows)) {
    for (const episode of episodesOf(dataset, rows, places, options)) {
      episodes += 1;
      const warning = places.find((place) => {
        const time = at(dataset.places.time, at(rows, place));
        return time > episode.after && time <= episode.until && at(probabilities, place) >= options.threshold;
      });
      if (warning === undefined) continue;
      const time = at(dataset.places.time, at(rows, warning));
      leads.push((episode.start - time) / 1000);
      if (time <= episode.start) before += 1;
      if (episode.foundAt > episode.until) untilFound.push((episode.foundAt - time) / 1000);
    }
  }
  leads.sort((a, b) => a - b);
  untilFound.sort((a, b) => a - b);
  const quantile = (values: readonly number[], share: number): number =>
    at(values, Math.round(share * (values.length - 1)));
  return {
    episodes,
    warned: leads.length,
    before,
    seconds: leads.length === 0 ? null : [quantile(leads, 0.1), quantile(leads, 0.5), quantile(leads, 0.9)],
    beforeFound: untilFound.length === 0 ? null : quantile(untilFound, 0.5),
  };
}

/** Places of `rows` of each asset, in order of time. */
function byAsset({ places }: Dataset, rows: Uint32Array): number[][] {
  const assets = new Map<number, number[]>();
  rows.forEach((row, place) => {
    const mine = assets.get(at(places.asset, row));
    if (mine === undefined) assets.set(at(places.asset, row), [place]);
    else mine.push(place);
  });
  for (const mine of assets.values())
    mine.sort((a, b) => at(places.time, at(rows, a)) - at(places.time, at(rows, b)));
  return [...assets.values()];
}

interface Episode {
  /** The first positive span begins, the last one ends. */
  readonly start: number;
  until: number;
  /** Warnings after this are of the episode. */
  readonly after: number;
  readonly foundAt: number;
}

function episodesOf(
  { labels, places: { time }, facts }: Dataset,
  rows: Uint32Array,
  places: readonly number[],
  { hop, look }: LeadOptions,
): Episode[] {
  const episodes: Episode[] = [];
  for (const place of places) {
    const row = at(rows, place);
    if (at(labels, row) !== 1) continue;
    const last = episodes.at(-1);
    const now = at(time, row);
    if (last !== undefined && now - hop - last.until <= look) {
      last.until = now;
      continue;
    }
    const after = Math.max(now - hop - look, last?.until ?? Number.NEGATIVE_INFINITY);
    episodes.push({ start: now - hop, until: now, after, foundAt: at(facts.foundAt, row) });
  }
  return episodes;
}
