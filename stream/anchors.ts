/**
 * Commits again what is kept beside the states. The broker forgets the offsets of a group without members after a week or so,
 * and the group of the states has none.
 */
import type { FoundAnchor } from './positions.ts';
import type { OffsetToCommit } from './transport.ts';

const every = 3_600_000; // ms

export class Anchors {
  readonly #anchors: readonly FoundAnchor[];
  #committedAt = performance.now();

  constructor(anchors: readonly FoundAnchor[]) {
    this.#anchors = anchors;
  }

  /** Adds them to what is committed by group, once an hour. */
  addTo(groups: Map<string, OffsetToCommit[]>): void {
    if (groups.size === 0 || performance.now() - this.#committedAt < every) return;
    this.#committedAt = performance.now();
    for (const { group, offset } of this.#anchors) groups.set(group, [offset]);
  }
}
