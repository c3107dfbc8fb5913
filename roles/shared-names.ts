/** Names that several commands must agree on. */
import { groupOfStep } from '../stream/index.ts';

/** The first part of the name of every consumer group; the name of a step or sink follows. */
export const application = (prefix: string): string => `${prefix}castwatch`;

export const stepGroup = (prefix: string, step: string): string => groupOfStep(application(prefix), step);

/** The sink's consumer group, and its name in the table `sink_offsets`. */
export const sinkGroup = (prefix: string): string => `${application(prefix)}-timescale`;

/** The record header with the time at which a source published the record, ISO 8601. Derived records carry it too. */
export const publishedHeader = 'ce_time';
