/** A client for the few calls of the Confluent Schema Registry API that we need, with a timeout and retries. */
import { z } from 'zod';
import { pause, Backoff } from '../../base/retry.ts';
import { CastwatchError, toError } from '../../base/errors.ts';
import type { WriterSchemaText } from '../avro/writer-schemas.ts';

export interface RegistryOptions {
  /** Base URL of the Confluent-compatible API (Apicurio: `…/apis/ccompat/v7`); may contain `user:password@`. */
  readonly url: string;
  /** Timeout of one request in ms; default 5,000. */
  readonly timeout?: number;
  /** Number of further attempts when the schema registry is unreachable or has an internal error; default 3. */
  readonly retries?: number;
}

/** The schema registry's answer, or its refusal with error code and message. */
type Answer = { readonly status: number; readonly body: unknown };

export interface RegistryClient {
  /** The schema with this id; undefined when there is none. */
  schemaById(id: number): Promise<WriterSchemaText | undefined>;
  /** The newest schema of the subject; undefined when there is none. */
  latest(subject: string): Promise<SubjectVersion | undefined>;
  /** The id of this schema, if it is registered in some version of the subject; undefined when it is not. */
  find(subject: string, schema: string): Promise<number | undefined>;
  /** Registers the schema, or finds it if it is registered already. `refused`: it breaks the compatibility rule of the subject. */
  register(subject: string, schema: string): Promise<{ readonly id: number } | { readonly refused: string }>;
  setCompatibility(subject: string, level: 'BACKWARD'): Promise<void>;
  subjects(): Promise<readonly string[]>;
}

export interface SubjectVersion {
  readonly id: number;
  readonly version: number;
  readonly schema: string;
}

const schemaAnswer = z.object({
  schema: z.string(),
  schemaType: z.string().nullish(),
  references: z.array(z.unknown()).nullish(),
});
const versionAnswer = z.object({ id: z.int(), version: z.int(), schema: z.string() });
const idAnswer = z.object({ id: z.int() });
const missing = z.object({ error_code: z.int().min(40_401).max(40_403) });
const refusal = z.object({ message: z.string() });

export function createRegistryClient(options: RegistryOptions): RegistryClient {
  const call = caller(options);
  return {
    async schemaById(id) {
      const answer = await call('GET', `/schemas/ids/${id}`);
      if (isMissing(answer)) return undefined;
      const { schema, schemaType, references } = expect(answer, schemaAnswer, `schema ${id}`);
      return { text: schema, type: schemaType ?? 'AVRO', references: (references ?? []).length > 0 };
    },
    async latest(subject) {
      const answer = await call('GET', `/subjects/${encodeURIComponent(subject)}/versions/latest`);
      return isMissing(answer) ? undefined : expect(answer, versionAnswer, `subject ${subject}`);
    },
    async find(subject, schema) {
      const answer = await call('POST', `/subjects/${encodeURIComponent(subject)}`, { schema });
      return isMissing(answer)
        ? undefined
        : expect(answer, idAnswer, `looking for the schema in ${subject}`).id;
    },
    async register(subject, schema) {
      const answer = await call('POST', `/subjects/${encodeURIComponent(subject)}/versions`, { schema });
      if (answer.status === 409 || answer.status === 422) return { refused: words(answer) };
      return { id: expect(answer, idAnswer, `registering ${subject}`).id };
    },
    async setCompatibility(subject, level) {
      const put = () => call('PUT', `/config/${encodeURIComponent(subject)}`, { compatibility: level });
      let answer = await put();
      // When two clients set a rule for the first time at the same moment, Apicurio answers 409 to the second.
      for (let attempt = 0; answer.status === 409 && attempt < 5; attempt++) {
        await pause(50);
        answer = await put();
      }
      expect(answer, z.unknown(), `compatibility of ${subject}`);
    },
    async subjects() {
      return expect(await call('GET', '/subjects'), z.array(z.string()), 'subjects');
    },
  };
}

/**
 * Returns whether the schema registry itself answers that it has no such subject (40401), version (40402) or schema (40403).
 * A plain 404 comes from a proxy or a wrong address, and says nothing about the schema.
 */
const isMissing = ({ status, body }: Answer): boolean => status === 404 && missing.safeParse(body).success;

const words = ({ status, body }: Answer): string => {
  const parsed = refusal.safeParse(body);
  return parsed.success ? parsed.data.message : `status ${status}`;
};

function expect<T>(answer: Answer, shape: z.ZodType<T>, what: string): T {
  const parsed = answer.status < 300 ? shape.safeParse(answer.body) : undefined;
  if (parsed?.success === true) return parsed.data;
  throw new CastwatchError(
    'REGISTRY_UNAVAILABLE',
    `the schema registry gave an unexpected answer for ${what}: ${words(answer)}`,
    {
      remedy:
        'Check that SCHEMA_REGISTRY_URL leads to a Confluent-compatible API (for Apicurio it ends in /apis/ccompat/v7).',
    },
  );
}

/** Sends one request. Retries while the schema registry is unreachable or answers 408, 429 or 5xx. */
function caller({ url, timeout = 5_000, retries = 3 }: RegistryOptions) {
  const base = new URL(url);
  const headers: Record<string, string> = {
    accept: 'application/vnd.schemaregistry.v1+json, application/json',
    'content-type': 'application/vnd.schemaregistry.v1+json',
  };
  if (base.username !== '') {
    const credentials = `${decodeURIComponent(base.username)}:${decodeURIComponent(base.password)}`;
    headers['authorization'] = `Basic ${Buffer.from(credentials).toString('base64')}`;
    base.username = base.password = '';
  }
  const root = base.href.replace(/\/$/, '');

  return async (method: string, path: string, body?: unknown): Promise<Answer> => {
    let failure: unknown;
    const backoff = new Backoff({ first: 100 });
    for (let attempt = 0; attempt <= retries; attempt++) {
      if (attempt > 0) await backoff.pause();
      try {
        const response = await fetch(`${root}${path}`, {
          method,
          headers,
          signal: AbortSignal.timeout(timeout),
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        });
        const text = await response.text();
        if (![408, 429].includes(response.status) && response.status < 500) {
          return { status: response.status, body: parseJson(text) };
        }
        failure = new Error(`${method} ${path}: status ${response.status}`);
      } catch (cause) {
        failure = cause;
      }
    }
    throw new CastwatchError(
      'REGISTRY_UNAVAILABLE',
      `the schema registry at ${root} does not answer (${reason(failure)})`,
      {
        cause: failure,
        remedy: 'Check that it is running and that SCHEMA_REGISTRY_URL is correct.',
      },
    );
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Returns the cause of the failure: the message of fetch is only "fetch failed", without "connect ECONNREFUSED …". */
function reason(failure: unknown): string {
  const { cause, message } = toError(failure);
  if (cause instanceof AggregateError && cause.errors[0] instanceof Error) return cause.errors[0].message;
  return cause instanceof Error && cause.message !== '' ? cause.message : message;
}
