/** The form of an entry in the topology: what a step reads, writes and keeps, checked against the step's own types. */
import type { ProcessDefinition } from '../processes/schema.ts';
import type { AvroTopicId, ChangelogTopicId } from '../schemas/catalogue.ts';
import type { ValueOf } from '../schemas/values.ts';
import type { Input, InputBinding, Output, StateCodec, Step } from '../stream/index.ts';
import type { ReferenceOf } from './reference/reference.ts';
import { championAlone, type Models } from './predict/predictor.ts';

/** What steps ask of model bundles. */
export interface ModelAccess {
  /** Which models answer; asked once per batch. Without a champion, predictions are UNAVAILABLE. */
  readonly current: () => Models;
  /** Without a reference, drift is reported as NO_REFERENCE. */
  readonly referenceOf: ReferenceOf;
}

const nothing = championAlone(undefined);

/** For steps that are run without models. */
export const withoutModels: ModelAccess = {
  current: () => nothing,
  referenceOf: () => undefined,
};

/** Topics whose records a step can read as `Value`. */
type TopicReadAs<Value> = { [T in AvroTopicId]: ValueOf<T> extends Value ? T : never }[AvroTopicId];

/** Topics that take a `Value`. Of a step whose types are not known: any. */
type TopicTaking<Value> = unknown extends Value
  ? AvroTopicId
  : { [T in AvroTopicId]: [Value] extends [ValueOf<T>] ? T : never }[AvroTopicId];

/** Without type arguments: the entry of any step. */
export interface StepEntry<
  In extends Input = Input,
  Out extends Output = Output,
  State = unknown,
  Extra = unknown,
> {
  /** The step's name is the entry's key. */
  readonly create: (definition: ProcessDefinition, models: ModelAccess) => Step<In, Out, State, Extra>;
  readonly inputs: {
    readonly [From in In['from']]: {
      readonly topic: TopicReadAs<Extract<In, { from: From }>['value']>;
      readonly role: InputBinding['role'];
    };
  };
  readonly outputs: { readonly [To in Out['to']]: TopicTaking<Extract<Out, { to: To }>['value']> };
  /** Left out: the step keeps nothing between records. */
  readonly state?: {
    readonly codec: (definition: ProcessDefinition) => StateCodec<State>;
    readonly changelog: ChangelogTopicId;
  };
  /** ms from one transaction of the step to its next, while there is more than it can do at once. */
  readonly commitInterval: number;
  /**
   * The step before it. A process that runs both runs them in one task and one transaction: this step reads what that one
   * writes, and keeps its keys.
   */
  readonly chainedTo?: string;
}

/** The entry that fits a step: what `satisfies` holds it to. */
export type EntryOf<S> =
  S extends Step<infer In, infer Out, infer State, infer Extra>
    ? StepEntry<In, Out, State, Extra> & Kept<State>
    : never;

/** A step that has a state says how it is kept. */
type Kept<State> = undefined extends State
  ? unknown
  : Required<Pick<StepEntry<Input, Output, State>, 'state'>>;
