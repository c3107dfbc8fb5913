/** What of an input could not be read, so that it is told wherever the input's results are told. */

/** By reason. */
export type Malformed = Readonly<Record<string, MalformedCount>>;

export interface MalformedCount {
  readonly count: number;
  /** The first of them: `file:line` and what is wrong. */
  readonly example: string;
}

/** `3 malformed-row, such as a.csv:4 "x" is not a time; 1 malformed-cell, …`; undefined when there is nothing to tell. */
export function malformedText(malformed: Malformed): string | undefined {
  const reasons = Object.entries(malformed);
  if (reasons.length === 0) return undefined;
  return reasons
    .map(([reason, { count, example }]) => `${count} ${reason}, ${count === 1 ? 'at' : 'such as'} ${example}`)
    .join('; ');
}
