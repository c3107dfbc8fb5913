/** The form of an entry in the topology. The compiler checks the entry against the types of its step. */
import type { ProcessDefinition } from '../processes/schema.ts';
import type { AvroTopicId, ChangelogTopicId } from '../schemas/catalogue.ts';
import type { ValueOf } from '../schemas/values.ts';
import type { Input, InputBinding, OnGap, Output, StateCodec, Step } from '../stream/index.ts';
import type { ReferenceOf } from './reference/reference.ts';
import { championAlone, type Models } from './predict/predictor.ts';

/** How steps reach the model bundles. */
export interface ModelAccess {
  /** Returns the models that answer now; called once per batch. Without a champion, predictions are UNAVAILABLE. */
  readonly current: () => Models;
  /** Looks up a bundle's reference. Without one, drift is reported as NO_REFERENCE. */
  readonly referenceOf: ReferenceOf;
}

const nothing = championAlone(undefined);

/** For steps that run without models. */
export const withoutModels: ModelAccess = {
  current: () => nothing,
  referenceOf: () => undefined,
};

/** Topics whose records a step can read as `Value`. */
type TopicReadAs<Value> = { [T in AvroTopicId]: ValueOf<T> extends Value ? T : never }[AvroTopicId];

/** Topics to which a step can write a `Value`; all topics when the step's types are not known. */
type TopicTaking<Value> = unknown extends Value
  ? AvroTopicId
  : { [T in AvroTopicId]: [Value] extends [ValueOf<T>] ? T : never }[AvroTopicId];

/** An entry of the topology. Without type arguments it describes any step. */
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
  /** How the state is kept. Left out when the step has no state. */
  readonly state?: {
    readonly codec: (definition: ProcessDefinition) => StateCodec<State>;
    readonly changelog: ChangelogTopicId;
    /** The most bytes that the state of an asset has in the changelog. */
    readonly largest: (definition: ProcessDefinition) => number;
    /** The fields of the definition that decide on `largest`, for a message. */
    readonly sizedBy: string;
  };
  /**
   * What the step does when records that it was to process next no longer exist: stand still until an operator accepts the gap,
   * or go on. Default: a step with state stops.
   */
  readonly onGap?: OnGap;
  /** Time between two transactions of the step under load, in ms. */
  readonly commitInterval: number;
  /**
   * The step whose outputs this step reads. A process that runs both steps runs them in one task and one transaction. This
   * step must keep the keys of that step's records.
   */
  readonly chainedTo?: string;
}

/** The type of the entry that fits a step, for use with `satisfies`. */
export type EntryOf<S> =
  S extends Step<infer In, infer Out, infer State, infer Extra>
    ? StepEntry<In, Out, State, Extra> & Kept<State>
    : never;

/** Makes `state` required for a step that has one. */
type Kept<State> = undefined extends State
  ? unknown
  : Required<Pick<StepEntry<Input, Output, State>, 'state'>>;
