/** Makes a route that lists the newest rows of one table. Its query, its answer and its part of the OpenAPI document follow from the entry. */
import { z } from 'zod';
import type { Listed } from '../../sinks/timescale/queries/rows.ts';
import { propertyOf, type Column, type ColumnType } from '../../sinks/timescale/columns/define-table.ts';
import { badQuery, spanParams, databaseDown } from './parameters.ts';
import { spec } from './route.ts';

interface ListEntry {
  /** The path is `/v1/` and this, with hyphens; the answer has one property of this name. */
  readonly name: string;
  /** Operation id in the OpenAPI document. */
  readonly id: string;
  readonly summary: string;
  readonly description?: string;
  /** What the items of the answer are. */
  readonly answer: string;
  readonly rows: Listed;
  /** One row as JSON, if the columns do not say enough; default: from the columns. */
  readonly resource?: z.ZodType;
  readonly assetHelp?: string;
}

export function listRoute(entry: ListEntry) {
  const { name, id, summary, description, answer, rows, assetHelp = 'Default: all assets' } = entry;
  const schema = z.object({ [name]: z.array(entry.resource ?? resourceOf(rows.columns)) });
  return {
    name,
    rows,
    schema,
    spec: spec({
      method: 'get',
      path: `/v1/${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
      ...{ id, tag: 'History', summary },
      ...(description !== undefined && { description }),
      query: z.object({ asset: z.string().optional().describe(assetHelp), ...spanParams(5_000, 200).shape }),
      answers: { 200: { description: answer, schema }, 400: badQuery, 503: databaseDown },
    }),
  };
}

/** A column as JSON, where NaN and infinities become null. */
const cells: Readonly<Record<ColumnType, z.ZodType>> = {
  text: z.string(),
  double: z.number().nullable(),
  integer: z.int(),
  bigint: z.int(),
  boolean: z.boolean(),
  time: z.int().describe('ms since the epoch'),
  json: z.unknown(),
  doubles: z.array(z.number().nullable()),
};

function resourceOf(columns: readonly Column[]): z.ZodType {
  const fields = columns.map((column) => {
    const { type, nullable, unit, comment } = column;
    const cell = nullable ? cells[type].nullable() : cells[type];
    const help = comment ?? unit;
    return [propertyOf(column), help === undefined ? cell : cell.describe(help)] as const;
  });
  return z.strictObject(Object.fromEntries(fields));
}
