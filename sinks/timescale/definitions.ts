/** Stores the names of a process definition in the database, so that boards and people find tags and features by name. */
import type { ClientBase } from 'pg';
import { featureNames, featureSetVersion } from '../../processes/plant.ts';
import type { ProcessDefinition } from '../../processes/schema.ts';

/** Stores the definition's tags and feature set. Tags are updated; feature sets are only added. Idempotent. */
export async function storeDefinition(client: ClientBase, definition: ProcessDefinition): Promise<void> {
  const { process, tags } = definition;
  await client.query(
    `INSERT INTO castwatch.tags (process, tag, position, title, unit, "group", normal_low, normal_high)
     SELECT $1, * FROM unnest($2::text[], $3::int[], $4::text[], $5::text[], $6::text[], $7::double precision[], $8::double precision[])
     ON CONFLICT (process, tag) DO UPDATE SET position = excluded.position, title = excluded.title, unit = excluded.unit,
       "group" = excluded."group", normal_low = excluded.normal_low, normal_high = excluded.normal_high`,
    [
      process,
      tags.map(({ id }) => id),
      tags.map((_, position) => position),
      tags.map(({ title }) => title),
      tags.map(({ unit }) => unit),
      tags.map(({ group }) => group),
      tags.map(({ normal }) => normal[0]),
      tags.map(({ normal }) => normal[1]),
    ],
  );
  await client.query(
    'INSERT INTO castwatch.feature_sets (version, process, names) VALUES ($1, $2, $3) ON CONFLICT (version) DO NOTHING',
    [featureSetVersion(definition), process, featureNames(definition)],
  );
}
