/** The simple values of a process definition: times, bands and names. */
import { z } from 'zod';

const unitsInMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** `5s` → 5000. */
export const durationInMs = z
  .string({
    error: ({ input }) => (typeof input === 'number' ? `must have a unit, such as ${input}s` : undefined),
  })
  .regex(/^\d+(\.\d+)?(ms|s|m|h|d)$/, 'must be a time such as 500ms, 5s, 10m, 1h')
  .transform((text) => {
    const unit = (/[a-z]+$/.exec(text)?.[0] ?? 'ms') as keyof typeof unitsInMs;
    return Number.parseFloat(text) * unitsInMs[unit];
  });

/** `[low, high]`, low below high. */
export const band = z
  .tuple([z.number(), z.number()])
  .refine(([low, high]) => low < high, 'the first number must be below the second');

export const identifier = z
  .string()
  .regex(
    /^[A-Za-z][A-Za-z0-9_./-]*$/,
    'may contain only letters, digits and _ . / -, and must begin with a letter',
  );
