/**
 * The only door to `stream/`: the exports that other folders may use. They import this file and no other of the folder; the
 * lint enforces that.
 */

// A step, and what it returns for a record.
export * from './step.ts';
export * from './event-time.ts';
export { lagOf, watchLag, type LagWatch, type Progress, type Unanswered } from './lag.ts';
export type { Stall } from './stalls.ts';
export * from './dead-letters.ts';
export {
  listDeadLetters,
  readDecision,
  type LetterDecision,
  type LetterList,
  type ListedLetter,
} from './letter-list.ts';
export {
  discardDeadLetters,
  replayDeadLetters,
  type DecisionOptions,
  type RefusedLetter,
  type ReplayOptions,
  type ReplayReport,
} from './letter-decisions.ts';

// Running steps as a member of a group.
export { startStreamApp, startStreamChain } from './app.ts';
export type { AppState, AppStatus, StreamApp, StreamAppOptions } from './app-types.ts';
export { repartition, type Repartitioned, type RepartitionOptions } from './repartition.ts';
export { acceptGaps, listGaps, type GapOptions, type StepGap } from './gaps.ts';
export { readNote, writeNote, type Gap, type GapReason, type PositionNote } from './position-note.ts';
export { findPositions, groupOfStep, type StepTopics } from './positions.ts';
export { describeGap } from './stopped-at-gap.ts';
export type { Halt } from './gap-halts.ts';
export { onGapOf, stage, type Stage, type StageAtWork } from './chain.ts';
export { tellToGoOn, type GivenOrder } from './go-on.ts';
export {
  BreakerLog,
  unitOfSink,
  type BreakerEntry,
  type GoOnOrder,
  type Standstill,
  type StandstillPosition,
} from './standstill.ts';
export { Standstills } from './standstills.ts';
export { defaultLetterBytes, smallerLetter } from './letter-size.ts';
export { Quarantine, type QuarantinedSource, type WindowRecord } from './quarantine.ts';
export type { TaskQuarantine } from './task.ts';
export { known, type Edition } from './edition.ts';
export { Breaker, noProducer, type BreakerOptions } from './breaker.ts';
export * from './errors.ts';
export { Backoff, pause, within, type BackoffOptions } from './retry.ts';
export * from './observer.ts';

// The port to a broker and its two implementations.
export * from './transport.ts';
export { murmur2, partitionForKey } from './partitioner.ts';
export { MemoryBroker } from './memory/broker.ts';
export { MemoryTransport } from './memory/memory-transport.ts';
export { compressions, type Compression } from './kafka/protocol/compression.ts';
export { KafkaTransport, type KafkaTransportOptions } from './kafka/kafka-transport.ts';
export { fixKafkajs } from './kafka/internals.ts';
export { setTopicSettings } from './kafka/topic-settings.ts';

// For consumers that are not steps, such as the sink.
export { GroupMember, type MemberListener, type MemberOptions } from './group-member.ts';
export { InputBuffer } from './input-buffer.ts';
export { Signal } from './signal.ts';

// For reading state back from a changelog, and for measuring the batch code alone.
export { StateStore, inParts, type RestoreReport } from './state-store.ts';
export { partKey, splitPartKey } from './part-key.ts';
export { recordsPerPass } from './round.ts';
export type { BatchResult, StepBatch } from './batch-processor.ts';
