/** The public interface of the stream runtime. */
export * from './step.ts';
export * from './transport.ts';
export * from './errors.ts';
export * from './observer.ts';
export * from './event-time.ts';
export { murmur2, partitionForKey } from './partitioner.ts';
export { Breaker, type BreakerOptions } from './breaker.ts';
export * from './dead-letters.ts';
export {
  startStreamApp,
  startStreamChain,
  type AppState,
  type AppStatus,
  type StreamApp,
  type StreamAppOptions,
} from './app.ts';
export { stage, type Stage, type StageAtWork } from './chain.ts';
export { MemoryBroker } from './memory/broker.ts';
export { MemoryTransport } from './memory/memory-transport.ts';
export { KafkaTransport, type KafkaTransportOptions } from './kafka/kafka-transport.ts';
export { mendKafkajs } from './kafka/internals.ts';
