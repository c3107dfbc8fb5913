/** The settings that a search has found for a process, beside its bundles: `settings.json`. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { CastwatchError } from '../../base/errors.ts';
import { defaultSettings } from '../learners/members.ts';
import type { Settings } from '../learners/members.ts';

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

/** Every trial of every search for this process, a line each. */
export const searchFile = (folder: string): string => join(folder, 'search.jsonl');

/** @param folder the process's bundles. @throws CastwatchError MODEL when the file is there and is none. */
export function readSettings(folder: string): Settings {
  const file = fileOf(folder);
  if (!existsSync(file)) return defaultSettings;
  try {
    return settingsSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (cause) {
    throw new CastwatchError('MODEL', `${file} does not hold settings for training`, {
      cause,
      remedy: 'Delete it to train with the defaults, or search anew with --search-minutes.',
    });
  }
}

export function writeSettings(folder: string, settings: Settings): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(fileOf(folder), `${JSON.stringify(settings, null, 2)}\n`);
}
