/** Finds which assets nobody has defined and nobody has heard of. */
import type { Logger } from '../../telemetry/log.ts';
import type { History } from '../history.ts';
import type { PlantView } from '../shared/messages.ts';
import type { Board } from './board.ts';

export interface KnownFrom {
  readonly plant: PlantView;
  readonly board: Board;
  readonly history: History;
  readonly log: Logger;
}

/** @returns those of the assets that are not defined and have never sent data */
export async function unknownAssets(from: KnownFrom, assets: readonly string[]): Promise<string[]> {
  const { plant, board, history, log } = from;
  const unheard = assets.filter((asset) => plant.assets?.includes(asset) !== true && !board.has(asset));
  if (unheard.length === 0) return [];
  try {
    const stored = new Set((await history.assets()).map(({ asset }) => asset));
    return unheard.filter((asset) => !stored.has(asset));
  } catch (error) {
    log.warn({ err: error }, 'the database did not answer the request for its assets');
    const { enterprise, site, area, line } = plant.hierarchy;
    const below = `${[enterprise, site, area, line].join('/')}/`;
    return plant.assets === null ? unheard.filter((asset) => !asset.startsWith(below)) : unheard;
  }
}
