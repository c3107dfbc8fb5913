/** Error answers: problem details (RFC 9457) with a remedy. */
import type { Response } from 'express';
import { z } from 'zod';

export const problemError = z
  .object({
    index: z.int().optional().describe('Index of the item in the array, from 0; absent for a single item'),
    path: z.string().describe('Place in the item, such as measurements[2].tag; empty for the complete item'),
    message: z.string(),
    remedy: z.string().optional(),
  })
  .meta({ id: 'ProblemError' });

export const problem = z
  .object({
    type: z.string().default('about:blank'),
    title: z.string(),
    status: z.int(),
    detail: z.string().optional(),
    remedy: z.string().optional().describe('What the caller can do about it'),
    errors: z.array(problemError).optional(),
    moreErrors: z.int().optional().describe('Number of further errors, which are not listed'),
  })
  .meta({ id: 'Problem', description: 'Problem details, RFC 9457' });

export type ProblemDetails = z.input<typeof problem> & {
  /** s; becomes the Retry-After header. */
  readonly retryAfter?: number;
};
export type ProblemError = z.output<typeof problemError>;

export const problemType = 'application/problem+json';

export function sendProblem(response: Response, { retryAfter, ...body }: ProblemDetails): void {
  if (retryAfter !== undefined) response.set('Retry-After', String(retryAfter));
  response
    .status(body.status)
    .type(problemType)
    .json({ type: 'about:blank', ...body });
}
