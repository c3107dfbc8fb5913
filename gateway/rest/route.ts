/**
 * A route of the REST API, declared once: its parameters, its answers and its handler. Express and the OpenAPI document both
 * follow from the declaration, so that they cannot differ.
 */
import { Router, type Request, type RequestHandler, type Response } from 'express';
import { z } from 'zod';
import { textFault, textLimits } from '../../base/outside-text.ts';
import { inPlainWords } from '../../schemas/json.ts';
import { sendProblem, type ProblemDetails, type ProblemError } from './problem-details.ts';

export type Reply =
  | { readonly status: number; readonly body: unknown; readonly type?: string }
  | { readonly problem: ProblemDetails };

export interface AnswerSpec {
  readonly description: string;
  /** Left out for errors, which are all problem details. */
  readonly schema?: z.ZodType;
  /** Content type; default application/json. */
  readonly type?: string;
  /** The answer has no body. */
  readonly empty?: boolean;
}

type Shape = z.ZodObject | undefined;
type Parsed<S extends Shape> = S extends z.ZodObject ? z.output<S> : undefined;

/** The declaration of a route, without its handler. */
export interface RouteSpec<P extends Shape = Shape, Q extends Shape = Shape> {
  readonly method: 'get' | 'post';
  /** Express style: /v1/assets/:asset/readings */
  readonly path: string;
  readonly id: string;
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  readonly params: P;
  readonly query: Q;
  /** Only for the document: handlers check the items of a body themselves. */
  readonly body?: z.ZodType;
  readonly answers: Readonly<Record<number, AnswerSpec>>;
}

interface Input<P, Q> {
  readonly params: P;
  readonly query: Q;
  /** The parsed JSON, not checked. */
  readonly body: unknown;
}

export interface Route {
  readonly spec: RouteSpec;
  handle(input: Input<unknown, unknown>): Promise<Reply>;
}

/** Declares a route. Without `params` or `query` it takes none. */
export function spec<P extends Shape = undefined, Q extends Shape = undefined>(
  declared: Omit<RouteSpec<P, Q>, 'params' | 'query'> & { readonly params?: P; readonly query?: Q },
): RouteSpec<P, Q> {
  return { ...declared, params: declared.params as P, query: declared.query as Q };
}

/** Gives a route its handler, which gets the parsed parameters and query. */
export function route<P extends Shape, Q extends Shape>(
  declared: RouteSpec<P, Q>,
  handle: (input: Input<Parsed<P>, Parsed<Q>>) => Promise<Reply>,
): Route {
  return {
    spec: declared,
    // `mount` has parsed both with the schemas of this declaration.
    handle: ({ params, query, body }) =>
      handle({ params: params as Parsed<P>, query: query as Parsed<Q>, body }),
  };
}

/** Called after each answer. */
export type Observe = (path: string, status: number, seconds: number) => void;

export function mount(routes: readonly Route[], observe: Observe): Router {
  const router = Router();
  for (const one of routes) {
    const { method, path } = one.spec;
    router[method](path, async (request, response) => {
      const begun = performance.now();
      response.on('finish', () => {
        observe(`${method.toUpperCase()} ${path}`, response.statusCode, (performance.now() - begun) / 1000);
      });
      await serve(one, request, response);
    });
  }
  for (const path of new Set(routes.map(({ spec: { path } }) => path)))
    router.all(path, refuseMethod(routes, path));
  return router;
}

/** For a method that a path does not have. */
function refuseMethod(routes: readonly Route[], path: string): RequestHandler {
  const methods = routes
    .filter(({ spec }) => spec.path === path)
    .flatMap(({ spec }) => (spec.method === 'get' ? ['GET', 'HEAD'] : [spec.method.toUpperCase()]));
  return ({ method }, response) => {
    response.set('Allow', methods.join(', '));
    sendProblem(response, {
      status: 405,
      title: 'Method not allowed',
      detail: `${path} has no ${method}.`,
      remedy: `Use ${methods.join(' or ')}.`,
    });
  };
}

async function serve(one: Route, request: Request, response: Response): Promise<void> {
  const params = (one.spec.params ?? none).safeParse(request.params);
  const query = (one.spec.query ?? none).strict().safeParse(request.query);
  const errors = [
    ...textErrors({ ...request.params, ...request.query }),
    ...[params, query].flatMap(({ error }) => (error === undefined ? [] : errorsOf(error))),
  ];
  if (errors.length > 0) {
    sendProblem(response, {
      status: 400,
      title: 'The request is invalid',
      errors,
      remedy: 'See /v1/openapi.json for the parameters.',
    });
    return;
  }
  const reply = await one.handle({
    params: params.data,
    query: query.data,
    body: request.body as unknown,
  });
  if ('problem' in reply) sendProblem(response, reply.problem);
  else
    response
      .status(reply.status)
      .type(reply.type ?? 'application/json')
      .send(bodyOf(reply.body));
}

const none = z.object({});

const errorsOf = (error: z.ZodError): ProblemError[] =>
  error.issues.map(({ path, message }) => ({ path: path.join('.'), message: inPlainWords(message) }));

/** Texts that the database cannot compare, or that are not what was sent. */
const textErrors = (texts: Readonly<Record<string, unknown>>): ProblemError[] =>
  Object.entries(texts).flatMap(([path, text]) => {
    const fault = typeof text === 'string' ? textFault(text, textLimits.fact) : undefined;
    return fault === undefined ? [] : [{ path, message: fault }];
  });

const bodyOf = (body: unknown): string => (typeof body === 'string' ? body : JSON.stringify(body));
