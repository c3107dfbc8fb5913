/** The run's seed: from CASTWATCH_SEED, else drawn. Printed at the start of every run, so that a failure can be had again. */
import { randomInt } from 'node:crypto';

const given = process.env['CASTWATCH_SEED'];

export const seed: number =
  given === undefined || given === '' ? randomInt(1, 2 ** 31) : Number.parseInt(given, 10);

if (!Number.isInteger(seed))
  throw new Error(`CASTWATCH_SEED is "${given ?? ''}"; it must be a whole number.`);
