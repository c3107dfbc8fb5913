/** Inputs that could not be read, counted by reason, so that they can be reported with the results. */

/** Counts by reason. */
export type Malformed = Readonly<Record<string, MalformedCount>>;

export interface MalformedCount {
  readonly count: number;
  /** The first of them: its place, such as `file:line`, and what is wrong. */
  readonly example: string;
}

/** `3 malformed-row, such as a.csv:4 "x" is not a time; 1 malformed-cell, …`; undefined when there are none. */
export function malformedText(malformed: Malformed): string | undefined {
  const reasons = Object.entries(malformed);
  if (reasons.length === 0) return undefined;
  return reasons
    .map(([reason, { count, example }]) => `${count} ${reason}, ${count === 1 ? 'at' : 'such as'} ${example}`)
    .join('; ');
}
