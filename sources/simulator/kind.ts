import type { ReplayableKind } from '../kind.ts';
import { createSimulator } from './simulator.ts';

export const simulator: ReplayableKind = {
  is: 'replayable',
  simulated: true,
  help: "a plant simulated by the process definition's simulation section",
  flags: ['seed', 'minutes', 'startTime'],
  open: (definition, { seed, minutes, startTime }, { onSpan }) =>
    createSimulator({
      definition,
      seed,
      start: startTime ?? Date.now(),
      ...(minutes === undefined ? {} : { duration: minutes * 60_000 }),
      ...(onSpan === undefined ? {} : { onSpan }),
    }),
};
