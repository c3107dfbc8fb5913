/** How a task keeps to an operator's order to go on, and reports that a step runs again. */
import type { Stage } from './chain.ts';
import { recordsPerPass } from './round.ts';
import { unitOfStep, type Standstill, type StandstillPosition } from './standstill.ts';
import type { Standstills } from './standstills.ts';
import type { TaskInput } from './task-input.ts';
import type { GroupOffsets, ProducerRecord } from './transport.ts';

interface Reported {
  readonly group: string;
  readonly standstill: Standstill;
}

export class Standing {
  readonly #stages: readonly Stage[];
  readonly #inputs: readonly TaskInput[];
  readonly #standstills: Standstills;
  /** Inputs in which an order covers records: up to which offset. */
  readonly #covered: readonly { readonly input: TaskInput; readonly until: number }[];
  /** What the log says that stands still, until a step has gone past it. */
  #reported: readonly Reported[];

  constructor(stages: readonly Stage[], inputs: readonly TaskInput[], standstills: Standstills) {
    this.#stages = stages;
    this.#inputs = inputs;
    this.#standstills = standstills;
    this.#covered = inputs.flatMap((input) => {
      const until = standstills.allowance(this.#unitOf(input))[input.source.topic] ?? 0;
      return nextOf(input) < until ? [{ input, until }] : [];
    });
    this.#reported = inputs.flatMap((input) => {
      const standstill = standstills.reported(this.#unitOf(input));
      return standstill?.topic === input.source.topic ? [{ group: input.group, standstill }] : [];
    });
  }

  /**
   * The largest number of records in the next round. A round ends where an order ends, and is small before, so that what the
   * order covers is committed even if the breaker trips behind it.
   */
  most(usual: number): number {
    let most = usual;
    for (const { input, until } of this.#covered) {
      const left = until - nextOf(input);
      if (left > 0) most = Math.min(most, left, recordsPerPass);
    }
    return most;
  }

  /** Returns the entries for the log of steps that go past the place where they stood still, with these commits. */
  ended(commits: readonly GroupOffsets[]): readonly ProducerRecord[] {
    if (this.#reported.length === 0) return [];
    const past = this.#reported.filter(({ group, standstill: { topic, positions } }) => {
      const offset = commits
        .find((commit) => commit.group === group)
        ?.offsets.find((each) => each.topic === topic)?.offset;
      const place = positions.find((position) => position.topic === topic)?.offset ?? 0;
      return offset !== undefined && offset > place;
    });
    this.#reported = this.#reported.filter((each) => !past.includes(each));
    return past.flatMap(({ standstill }) => this.#standstills.runningRecord(standstill.unit) ?? []);
  }

  positionsOf(step: string): readonly StandstillPosition[] {
    return this.#inputs
      .filter(({ stage }) => this.#stages[stage]?.step === step)
      .map(({ source, committed, link }) => ({
        topic: source.topic,
        offset: committed,
        isPassedOn: link?.isOpen === true,
      }));
  }

  #unitOf({ stage, source }: TaskInput): string {
    return unitOfStep(this.#stages[stage]?.step ?? '', source.partition);
  }
}

/** The offset of the next record that the step gets from this input. */
const nextOf = ({ link, buffer }: TaskInput): number => (link?.isOpen === true ? link.next : buffer.consumed);
