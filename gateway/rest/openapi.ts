/** Makes the OpenAPI 3.1 document of the REST API from the declarations of the routes. */
import { z } from 'zod';
import { problem, problemType } from './problem-details.ts';
import type { AnswerSpec, RouteSpec } from './route.ts';

type Json = Record<string, unknown>;

const version = '1.0.0';

export function openApiDocument(routes: readonly RouteSpec[]): Json {
  const components: Json = {};
  const schemaOf = (schema: z.ZodType, io: 'input' | 'output'): Json => jsonSchema(schema, io, components);
  const paths: Record<string, Json> = {};
  for (const one of routes) {
    const path = one.path.replaceAll(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [one.method]: operation(one, schemaOf) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Castwatch gateway',
      version,
      description:
        'Ingestion and history. Times in answers are ms since the epoch. Live data comes by Socket.IO: see gateway/README.md.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    tags: [...new Set(routes.map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: {
      schemas: Object.fromEntries(Object.entries(components).sort(([a], [b]) => a.localeCompare(b))),
    },
  };
}

/** Answers that no route declares, because the server gives them for every route. */
function commonAnswers({ body }: RouteSpec): RouteSpec['answers'] {
  return {
    400: { description: 'A parameter is unknown or invalid' },
    403: { description: 'The host or the origin is not one that the gateway answers' },
    417: { description: 'The header Expect asks for something other than 100-continue', empty: true },
    431: { description: 'The headers are larger than 16 KiB', empty: true },
    ...(body !== undefined && { 408: { description: 'The request did not arrive in time', empty: true } }),
  };
}

type SchemaOf = (schema: z.ZodType, io: 'input' | 'output') => Json;

function operation(one: RouteSpec, schemaOf: SchemaOf): Json {
  return {
    operationId: one.id,
    tags: [one.tag],
    summary: one.summary,
    ...(one.description === undefined ? {} : { description: one.description }),
    parameters: [...parameters('path', one.params, schemaOf), ...parameters('query', one.query, schemaOf)],
    ...(one.body === undefined
      ? {}
      : {
          requestBody: {
            required: true,
            content: { 'application/json': { schema: schemaOf(one.body, 'input') } },
          },
        }),
    responses: Object.fromEntries(
      Object.entries({ ...commonAnswers(one), ...one.answers }).map(([status, answer]) => [
        status,
        response(answer, schemaOf),
      ]),
    ),
  };
}

function parameters(where: 'path' | 'query', shape: z.ZodObject | undefined, schemaOf: SchemaOf): Json[] {
  if (shape === undefined) return [];
  const { properties = {}, required = [] } = schemaOf(shape, 'input') as {
    properties?: Record<string, Json>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, { description, ...schema }]) => ({
    name,
    in: where,
    required: required.includes(name),
    ...(description === undefined ? {} : { description }),
    schema,
  }));
}

function response(answer: AnswerSpec, schemaOf: SchemaOf): Json {
  if (answer.empty === true) return { description: answer.description };
  const type = answer.type ?? (answer.schema === undefined ? problemType : 'application/json');
  return {
    description: answer.description,
    content: { [type]: { schema: schemaOf(answer.schema ?? problem, 'output') } },
  };
}

/** Schemas with an id (`meta({ id })`) become components; the others are written inline. */
function jsonSchema(schema: z.ZodType, io: 'input' | 'output', components: Json): Json {
  const made = z.toJSONSchema(schema, {
    target: 'draft-2020-12',
    io,
    unrepresentable: 'any',
    override: ({ jsonSchema: node }) => {
      // The limits of safe integers add nothing to `integer`.
      if (node.maximum === Number.MAX_SAFE_INTEGER) delete node.maximum;
      // The format is enough; the pattern is half a page.
      if (node.format === 'date-time') delete node.pattern;
      if (node.minimum === Number.MIN_SAFE_INTEGER) delete node.minimum;
    },
  });
  const text = JSON.stringify(made).replaceAll('"#/$defs/', '"#/components/schemas/');
  const { $defs = {}, ...root } = JSON.parse(text) as Json & { $defs?: Json };
  for (const [id, definition] of Object.entries($defs)) components[id] = plain(definition as Json);
  const id = root['id'];
  if (typeof id !== 'string') return plain(root);
  components[id] = plain(root);
  return { $ref: `#/components/schemas/${id}` };
}

/** Removes the keys that only a separate document has. */
function plain(schema: Json): Json {
  return Object.fromEntries(Object.entries(schema).filter(([key]) => key !== 'id' && key !== '$schema'));
}
