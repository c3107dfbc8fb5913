/**
 * What is measured comes in masses; what was found in it is what somebody waits for. Each of both has a writer and a
 * connection of its own, so that after an outage, or under load, no alert waits behind the readings.
 */
import type { StoredTopic } from '../../../schemas/catalogue.ts';

export const lanes = ['found', 'measured'] as const;
export type Lane = (typeof lanes)[number];

const measured: ReadonlySet<StoredTopic> = new Set(['validatedReadings', 'rejectedReadings', 'features']);

export const laneOf = (topic: StoredTopic): Lane => (measured.has(topic) ? 'measured' : 'found');
