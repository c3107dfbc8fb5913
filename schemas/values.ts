/** The value of each Avro topic, by the topic's id in the catalogue. */
import type { AvroTopicId } from './catalogue.ts';
import type { TopicValues } from './generated/types.ts';

/** A topic that is in the catalogue but not generated yet does not compile here. */
export type ValueOf<T extends AvroTopicId> = TopicValues[T];
