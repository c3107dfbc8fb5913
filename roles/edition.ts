/** The edition of the steps that an instance runs: its process definition. */
import { createHash } from 'node:crypto';
import { assetPaths } from '../processes/plant.ts';
import type { ProcessDefinition } from '../processes/schema.ts';
import { known, type Edition } from '../stream/index.ts';

/** When this process began: the same for all of its groups, and each time that it joins again. */
const since = Math.round(performance.timeOrigin);

/**
 * Instances with the same definition share the partitions of a group. Of unlike ones, those work that know all assets and
 * tags of the others; see `stream/edition.ts`.
 */
export const editionOf = (definition: ProcessDefinition): Edition => ({
  name: definition.process,
  id: createHash('sha256').update(JSON.stringify(definition)).digest('hex').slice(0, 12),
  since,
  keys: known(definition.cells === 'any' ? 'any' : assetPaths(definition)),
  fields: known(definition.tags.map(({ id }) => id)),
});
