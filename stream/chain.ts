/**
 * Steps that run as one. The output that a step writes to the next step's input topic is also handed to the next step in
 * memory, in the same task and transaction. Nothing is read or decoded again, and all steps commit together.
 */
import { BatchProcessor, type BatchResult, type BatchSettings, type StepBatch } from './batch-processor.ts';
import type { BreakerOptions } from './breaker.ts';
import { StreamError } from './errors.ts';
import type { Neighbours, Poison } from './handover.ts';
import type { Observer } from './observer.ts';
import type { QuarantinedSource } from './quarantine.ts';
import { StepBreaker } from './step-breaker.ts';
import { StateStore, type RestoreReport } from './state-store.ts';
import type { Input, InputBinding, OnGap, Output, Processor } from './step.ts';
import type { ProducerRecord, Transport } from './transport.ts';

export interface StageInput {
  readonly from: string;
  readonly topic: string;
  readonly role: 'stream' | 'table';
}

export interface StageSettings extends BatchSettings {
  readonly breaker: BreakerOptions;
  readonly observer: Observer;
  readonly poison: Poison;
  /** A breaker leaves a source out of its count from now on. */
  readonly onQuarantine?: (step: string, partition: number, source: QuarantinedSource) => void;
}

/** A step with its state, running on one partition. */
export interface StageAtWork {
  restore(transport: Transport): Promise<RestoreReport>;
  run(batch: StepBatch, nextOffset: number): Promise<BatchResult>;
  /** Appends the state changes since the last call. */
  finish(out: ProducerRecord[]): void;
  /** Sources whose records the breaker does not count, because only theirs die. */
  quarantined(): readonly QuarantinedSource[];
}

/** A processor as a part of a chain, without its type parameters. */
export interface Stage {
  readonly step: string;
  readonly inputs: readonly StageInput[];
  readonly outputs: readonly string[];
  /** The topic with the state of its keys; undefined for a step without state. */
  readonly changelog: string | undefined;
  /** What happens when the next records of an input no longer exist. */
  readonly onGap: OnGap;
  /** The step has a `prepare`, which is faster on large batches. */
  readonly prepares: boolean;
  open(partition: number, settings: StageSettings, neighbours: Neighbours): StageAtWork;
}

/** By default, a step with state stops: what it remembers may depend on what is missing. */
export const onGapOf = ({
  onGap,
  state,
}: {
  readonly onGap?: OnGap | undefined;
  readonly state?: unknown;
}): OnGap => onGap ?? (state === undefined ? 'go-on' : 'stop');

/** Makes a processor a part of a chain. */
export function stage<In extends Input, Out extends Output, State, Extra>(
  processor: Processor<In, Out, State, Extra>,
): Stage {
  const { step, state } = processor;
  const inputs: [string, InputBinding][] = Object.entries(processor.inputs);
  const outputs: { readonly topic: string }[] = Object.values(processor.outputs);
  return {
    step: step.name,
    inputs: inputs.map(([from, { topic, role }]) => ({ from, topic, role })),
    outputs: outputs.map(({ topic }) => topic),
    changelog: state?.changelog,
    onGap: onGapOf(processor),
    prepares: step.prepare !== undefined,
    open(partition, settings, neighbours) {
      const store = new StateStore<State>(step, state, partition);
      const breaker = new StepBreaker(step.name, settings.breaker, settings.allowance, (source) => {
        settings.onQuarantine?.(step.name, partition, source);
      });
      const { observer, poison } = settings;
      const batches = new BatchProcessor(processor, store, settings, neighbours, breaker, observer, poison);
      return {
        restore: (transport) => store.restore(transport),
        run: (batch, nextOffset) => batches.run(batch, nextOffset),
        finish: (out) => {
          batches.finish(out);
        },
        quarantined: () => breaker.quarantined,
      };
    },
  };
}

/** For each step, the input that the previous step feeds; undefined for the first step. */
export type Links = readonly (StageInput | undefined)[];

/** @throws StreamError TOPIC_MISMATCH when a step does not read what the previous step writes */
export function linksOf(stages: readonly Stage[]): Links {
  return stages.map((each, index) => {
    const before = stages[index - 1];
    if (before === undefined) return undefined;
    const link = each.inputs.find(({ topic, role }) => role === 'stream' && before.outputs.includes(topic));
    if (link === undefined)
      throw new StreamError(
        'TOPIC_MISMATCH',
        `${each.step} cannot follow ${before.step} in a chain: it reads nothing that ${before.step} writes`,
      );
    return link;
  });
}

/** The name of a chain in messages. */
export const nameOf = (stages: readonly Stage[]): string => stages.map(({ step }) => step).join(' → ');
