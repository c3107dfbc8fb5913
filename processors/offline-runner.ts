/** Steps run in memory, one record at a time. */
import type { Input, Outcome, Output, Step, StepRecord } from '../stream/index.ts';

/** A step with its states, one per key. */
export class Runner<In extends Input, Out extends Output, State, Extra> {
  readonly #states = new Map<string, State>();
  readonly step: Step<In, Out, State, Extra>;

  constructor(step: Step<In, Out, State, Extra>) {
    this.step = step;
  }

  run(record: StepRecord<In>, extra: Extra): Outcome<Out> {
    let state = this.#states.get(record.key);
    if (state === undefined) {
      state = this.step.create(record.key);
      this.#states.set(record.key, state);
    }
    return this.step.process(record, state, extra);
  }
}

export const stepRecord = <In extends Input>(
  input: In,
  key: string,
  timestamp: number,
  partition = 0,
  offset = 0,
): StepRecord<In> => ({
  input,
  key,
  timestamp,
  topic: 'offline',
  partition,
  offset,
  headers: undefined,
});
