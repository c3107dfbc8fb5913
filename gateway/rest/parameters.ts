/** The query parameters and the error answers that the routes which read have in common. */
import { z } from 'zod';
import { timeJson } from '../../schemas/json.ts';

/** A time in a query: ISO 8601, or digits for ms since the epoch. */
const time = z
  .string()
  .transform((text) => (/^\d+$/.test(text) ? Number(text) : text))
  .pipe(timeJson)
  .optional()
  .meta({
    anyOf: [
      { type: 'string', format: 'date-time' },
      { type: 'integer', minimum: 0 },
    ],
    description: 'ISO 8601 with a zone, or ms since the epoch',
  });
const limit = (most: number, usual: number) => z.coerce.number().int().min(1).max(most).default(usual);
export const spanParams = (most: number, usual: number) =>
  z.object({
    from: time.describe('Inclusive; ISO 8601 with a zone, or ms since the epoch'),
    to: time.describe('Exclusive'),
    limit: limit(most, usual).describe('Largest number of items; the newest ones are returned'),
  });

export const databaseDown = {
  description:
    'The database does not answer, or the gateway is overloaded; repeat the request after the time in Retry-After',
};
export const noAsset = { description: 'The asset is not defined and has never sent data' };
export const badQuery = { description: 'A parameter is invalid' };
