/** The problems of a request's items. The answer lists the first of them and gives the number of the others. */
import type { ProblemError } from './problem-details.ts';

/** Problems that an answer lists. */
export const mostListed = 100;

export class ItemProblems {
  readonly listed: ProblemError[] = [];
  #more = 0;
  #items = 0;

  /** Problems that are not listed. */
  get more(): number {
    return this.#more;
  }

  /** Items with at least one problem. */
  get items(): number {
    return this.#items;
  }

  /** Adds all problems of one item. */
  add(problems: readonly ProblemError[]): void {
    this.#items++;
    const room = mostListed - this.listed.length;
    this.listed.push(...problems.slice(0, room));
    this.#more += Math.max(0, problems.length - room);
  }
}
