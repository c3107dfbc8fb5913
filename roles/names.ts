/** Names that several commands have to agree on. */

/** With a step's name it makes the step's consumer group. */
export const application = (prefix: string): string => `${prefix}castwatch`;

export const stepGroup = (prefix: string, step: string): string => `${application(prefix)}-${step}`;

/** The sink's group, and its name in `sink_offsets`. */
export const sinkGroup = (prefix: string): string => `${application(prefix)}-timescale`;

/** The record header that says when a source published, ISO 8601; carried to what comes of the record. */
export const publishedHeader = 'ce_time';
