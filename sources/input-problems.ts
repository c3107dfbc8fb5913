/** Counts what a source cannot read in its input, by reason. The first problems of each reason are reported singly. */
import type { Malformed, MalformedCount } from '../base/malformed.ts';

export interface InputProblem {
  readonly reason: string;
  /** `file:line`, counted from 1; or the address of a server and the number of the line from it. */
  readonly place: string;
  readonly what: string;
  readonly remedy: string;
}

const reportedPerReason = 20;

/** For texts whose padding was cut, see `base/outside-text.ts`. The records are used. */
export const paddedRemedy = 'Nothing needs to be done. Write texts without padding to end this message.';

export class ProblemCounter {
  readonly #onProblem: ((problem: InputProblem) => void) | undefined;
  #malformed: Record<string, MalformedCount> = {};

  constructor(onProblem?: (problem: InputProblem) => void) {
    this.#onProblem = onProblem;
  }

  report(problem: InputProblem): void {
    const { reason, place, what } = problem;
    const before = this.#malformed[reason] ?? { count: 0, example: `${place} ${what}` };
    const count = before.count + 1;
    this.#malformed[reason] = { ...before, count };
    if (count <= reportedPerReason) this.#onProblem?.(problem);
  }

  clear(): void {
    this.#malformed = {};
  }

  malformed(): Malformed {
    return { ...this.#malformed };
  }

  counts(): Readonly<Record<string, number>> {
    return Object.fromEntries(Object.entries(this.#malformed).map(([reason, { count }]) => [reason, count]));
  }
}
