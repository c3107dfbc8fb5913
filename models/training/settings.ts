/**
 * The settings of training: the defaults, and those that a search found for a process (`settings.json` next to its
 * bundles).
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { CastwatchError } from '../../base/errors.ts';
import type { LstmSettings } from '../learners/lstm/lstm-member.ts';
import type { XgboostSettings } from '../learners/xgboost/xgboost-member.ts';

export interface TrainingSettings {
  readonly xgboost: XgboostSettings;
  readonly lstm: LstmSettings;
}

/** Shallow trees with a low learning rate, each on few columns and a share of the rows. */
export const defaultSettings: TrainingSettings = {
  xgboost: {
    maxDepth: 4,
    eta: 0.04,
    subsample: 0.7,
    colsampleByTree: 0.15,
    lambda: 2,
    gamma: 0,
    rowsPerLeaf: 200,
  },
  lstm: {
    hidden: 32,
    batch: 128,
    rate: 3e-3,
    weightDecay: 1e-3,
    clipNorm: 1,
    negativesPerPositive: 4,
    blankShare: 0.1,
  },
};

const positive = z.number().positive();
const share = z.number().min(0).max(1);

const settingsSchema = z.strictObject({
  xgboost: z.strictObject({
    maxDepth: z.int().min(1).max(16),
    eta: positive,
    subsample: share,
    colsampleByTree: share,
    lambda: z.number().nonnegative(),
    gamma: z.number().nonnegative(),
    rowsPerLeaf: positive,
  }),
  lstm: z.strictObject({
    hidden: z.int().min(1).max(512),
    batch: z.int().min(1),
    rate: positive,
    weightDecay: z.number().nonnegative(),
    clipNorm: positive,
    negativesPerPositive: positive,
    blankShare: share,
  }),
});

const fileOf = (folder: string): string => join(folder, 'settings.json');

/** The file with all trials of all searches for a process, one line each. */
export const searchFile = (folder: string): string => join(folder, 'search.jsonl');

/**
 * Reads the settings that a search found; the defaults when there are none.
 * @param folder of the process's bundles
 * @throws CastwatchError MODEL when the file is invalid
 */
export function readSettings(folder: string): TrainingSettings {
  const file = fileOf(folder);
  if (!existsSync(file)) return defaultSettings;
  try {
    return settingsSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (cause) {
    throw new CastwatchError('MODEL', `${file} has invalid training settings`, {
      cause,
      remedy:
        'Delete the file. Training then uses the defaults, and --search-minutes searches for better settings.',
    });
  }
}

export function writeSettings(folder: string, settings: TrainingSettings): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(fileOf(folder), `${JSON.stringify(settings, null, 2)}\n`);
}
