/**
 * Measures how early warnings come: the episodes of the target (runs of positive rows of one asset) and the first
 * warning of each.
 */
import type { Dataset } from '../data/labelled-dataset.ts';
import { at } from '../numbers/matrix.ts';
import { SeededRandom } from '../../base/random.ts';
import { middle, type Between } from './bootstrap.ts';
import type { JudgeOptions } from './judge-options.ts';

export interface Lead {
  /** Number of runs of positive rows. Runs nearer to each other than the longest window count as one. */
  readonly episodes: number;
  /** Number of episodes with a warning before they ended. */
  readonly warned: number;
  /** Number of episodes with a warning before they began. */
  readonly before: number;
  /**
   * Seconds from the first warning to the beginning of the episode, over the episodes with a warning: the 10th, 50th
   * and 90th percentile. Below 0, the warning came after the beginning.
   */
  readonly seconds: readonly [number, number, number] | null;
  /**
   * Median time from the first warning until Quality Management found the defect, s; null where that time is unknown.
   */
  readonly beforeFound: number | null;
  /** The same figures for the same warnings at other times; absent where they were not computed. */
  readonly byChance?: LeadByChance;
}

/**
 * Means over draws of warnings that do not depend on the episodes: the same number for each asset, in the same
 * bursts.
 */
export interface LeadByChance {
  readonly draws: number;
  readonly warned: { readonly mean: number; readonly between: Between };
  readonly before: { readonly mean: number; readonly between: Between };
  /** Median over the draws of the median time from the first warning to the beginning, s. */
  readonly seconds: number | null;
}

/** The options that the lead depends on. */
type LeadOptions = Pick<JudgeOptions, 'threshold' | 'hop' | 'look'>;

/** @param probabilities one for each of `rows`, in their order */
export function leadTimes(
  dataset: Dataset,
  rows: Uint32Array,
  probabilities: ArrayLike<number>,
  options: LeadOptions,
): Lead {
  return leadOf(
    tracksOf(dataset, rows, options).map((track) => ({
      track,
      isWarning: track.places.map((place) => at(probabilities, place) >= options.threshold),
    })),
  );
}

/**
 * Rotates each asset's warnings in time by a drawn number of rows. Episodes with a warning are then a matter of
 * chance, at the same rate of warnings.
 */
export function leadByChance(
  dataset: Dataset,
  rows: Uint32Array,
  probabilities: ArrayLike<number>,
  options: LeadOptions & Pick<JudgeOptions, 'seed'>,
  draws = 200,
): LeadByChance {
  const random = new SeededRandom(options.seed, 'lead by chance');
  const tracks = tracksOf(dataset, rows, options);
  const drawn = Array.from({ length: draws }, () =>
    leadOf(
      tracks.map((track) => {
        const { places } = track;
        const by = random.below(places.length);
        return {
          track,
          isWarning: places.map(
            (_, index) => at(probabilities, places[(index + by) % places.length] ?? 0) >= options.threshold,
          ),
        };
      }),
    ),
  );
  const over = (of: (lead: Lead) => number): LeadByChance['warned'] => {
    const values = drawn.map(of);
    return { mean: values.reduce((sum, value) => sum + value, 0) / draws, between: middle(values) };
  };
  const medians = drawn.flatMap(({ seconds }) => (seconds === null ? [] : seconds[1])).sort((a, b) => a - b);
  return {
    draws,
    warned: over(({ warned }) => warned),
    before: over(({ before }) => before),
    seconds: medians.length === 0 ? null : quantile(medians, 0.5),
  };
}

/** An asset's rows in order of time, and its episodes. */
interface Track {
  /** Indices into `rows`. */
  readonly places: readonly number[];
  /** The times at which the rows end, ms. */
  readonly times: readonly number[];
  readonly episodes: readonly Episode[];
}

function tracksOf(dataset: Dataset, rows: Uint32Array, options: LeadOptions): Track[] {
  return byAsset(dataset, rows).map((places) => ({
    places,
    times: places.map((place) => at(dataset.places.time, at(rows, place))),
    episodes: episodesOf(dataset, rows, places, options),
  }));
}

function leadOf(warned: readonly { readonly track: Track; readonly isWarning: readonly boolean[] }[]): Lead {
  const leads: number[] = [];
  const untilFound: number[] = [];
  let [episodes, before] = [0, 0];
  for (const { track, isWarning } of warned) {
    const { times } = track;
    // Episodes are in order of time and do not overlap, so each row is read once.
    let next = 0;
    for (const episode of track.episodes) {
      episodes += 1;
      while (next < times.length && (at(times, next) <= episode.after || isWarning[next] !== true)) next += 1;
      if (next >= times.length || at(times, next) > episode.until) continue;
      const time = at(times, next);
      leads.push((episode.start - time) / 1000);
      if (time <= episode.start) before += 1;
      if (episode.foundAt > episode.until) untilFound.push((episode.foundAt - time) / 1000);
    }
  }
  leads.sort((a, b) => a - b);
  untilFound.sort((a, b) => a - b);
  return {
    episodes,
    warned: leads.length,
    before,
    seconds: leads.length === 0 ? null : [quantile(leads, 0.1), quantile(leads, 0.5), quantile(leads, 0.9)],
    beforeFound: untilFound.length === 0 ? null : quantile(untilFound, 0.5),
  };
}

const quantile = (sorted: readonly number[], share: number): number =>
  at(sorted, Math.round(share * (sorted.length - 1)));

/** The indices into `rows` of each asset, in order of time. */
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
  /** When the first positive span begins, ms. */
  readonly start: number;
  /** When the last positive span ends, ms. */
  until: number;
  /** Warnings after this time count for the episode. */
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
