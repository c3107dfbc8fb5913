/** A process with a gateway and much stored data, to be run with a small heap. Sends its URL, and ends when its parent ends. */
import { loadDefinition } from '../../../processes/load.ts';
import { withCells } from '../../../processes/plant.ts';
import { memoryGateway } from '../memory-gateway.ts';
import { richHistory } from '../rich-history.ts';

const cells = Array.from({ length: 8 }, (_, n) => `S${n + 1}`);
const definition = withCells(loadDefinition('processes/casting.yaml'), cells);
const { gateway } = await memoryGateway(definition, { history: richHistory(definition) });
process.once('disconnect', () => process.exit(0));
process.send?.(gateway.url);
