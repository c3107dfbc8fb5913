/** Makes the JSON Schema of a process definition, with which editors complete and check it. */
import { z } from 'zod';
import { processDefinition } from './schema.ts';

/**
 * In draft 7, which all editors read. It says less than `castwatch check`: it knows the fields and the form of each value,
 * but not which names must exist and which spans must fit each other.
 */
export function definitionSchema(): Readonly<Record<string, unknown>> {
  const { $schema, ...rest } = z.toJSONSchema(processDefinition, {
    io: 'input',
    target: 'draft-7',
    unrepresentable: 'any',
    override({ jsonSchema }) {
      // zod's name for a check of its own, which no editor knows; the pattern next to it says the same
      if (jsonSchema.format === 'includes') delete jsonSchema.format;
    },
  });
  return {
    $schema,
    title: 'Castwatch process definition',
    description: 'processes/README.md explains each part.',
    ...rest,
  };
}
