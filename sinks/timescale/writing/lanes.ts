/**
 * Assigns each table to one of two lanes. Measurements are many; operators wait for findings such as alerts. Each lane has
 * its own writer and connection, so that after an outage or under load no alert waits behind readings.
 */
import type { StoredTopic } from '../../../schemas/catalogue.ts';

export const lanes = ['found', 'measured'] as const;
export type Lane = (typeof lanes)[number];

const measured: ReadonlySet<StoredTopic> = new Set(['validatedReadings', 'rejectedReadings', 'features']);

export const laneOf = (topic: StoredTopic): Lane => (measured.has(topic) ? 'measured' : 'found');
