/** The small plant with windows so short that many of them end, and with alert rules on drift and on live quality. */
import type { ProcessDefinition } from '../../processes/schema.ts';
import { small } from './support.ts';

const watching = {
  title: 'Watched',
  direction: 'above',
  deadBand: 0,
  onDelay: 0,
  offDelay: 0,
  priority: 'LOW',
  message: 'Look.',
} as const;

export const watched: ProcessDefinition = {
  ...small,
  drift: { window: 120_000, hop: 60_000, warnAbove: 5 },
  quality: { by: 'span', retention: 200_000, window: 120_000, hop: 60_000, minimum: 1 },
  alerts: [
    ...small.alerts,
    { ...watching, id: 'drift', on: 'drift.worst', limit: 0.5 },
    { ...watching, id: 'precision', on: 'quality.precision', direction: 'below', limit: 0.9 },
  ],
};
