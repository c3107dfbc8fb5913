/** The spans of time that labels have judged: ascending, merged where they touch. */

export interface Span {
  readonly from: number;
  /** Exclusive. */
  readonly until: number;
}

export const isCovered = (spans: readonly Span[], { from, until }: Span): boolean =>
  spans.some((span) => span.from <= from && until <= span.until);

export function withSpan(spans: readonly Span[], { from, until }: Span): Span[] {
  const touching = spans.filter((span) => span.from <= until && from <= span.until);
  const merged = {
    from: Math.min(from, ...touching.map((span) => span.from)),
    until: Math.max(until, ...touching.map((span) => span.until)),
  };
  return [...spans.filter((span) => span.until < from), merged, ...spans.filter((span) => span.from > until)];
}
