/** The routes for operation: whether the gateway is up, whether it can work, and its metrics. */
import { z } from 'zod';
import { messageOf } from '../../base/text.ts';
import { within } from '../../base/retry.ts';
import { createRegistryClient } from '../../schemas/registry/client.ts';
import { metricsContentType, type Metrics } from '../../telemetry/metrics.ts';
import type { StandstillView } from '../shared/messages.ts';
import { standstillResource } from './resources.ts';
import { route, spec, type Route } from './route.ts';

/** Checks one part. Resolves when it can be used; rejects with the reason when it cannot. */
export type HealthCheck = () => Promise<void>;

export interface HealthRoutesOptions {
  /** By the name of the part: kafka, registry, database, live. */
  readonly checks: Readonly<Record<string, HealthCheck>>;
  readonly metrics: Metrics;
  /** What a breaker has stopped. */
  readonly standstills: () => Promise<readonly StandstillView[]>;
}

/** Checks that the schema registry answers. @param url as for the serde; may contain `user:password@` */
export function registryCheck(url: string): HealthCheck {
  const registry = createRegistryClient({ url, timeout: 2_000, retries: 0 });
  return async () => {
    await registry.subjects();
  };
}

const checkWithin = 3_000;

const checkResult = z.object({
  ok: z.boolean(),
  milliseconds: z.number(),
  detail: z.string().optional().describe('What is wrong'),
});
const readiness = z
  .object({
    ready: z.boolean(),
    checks: z.record(z.string(), checkResult),
    standstills: z
      .array(standstillResource)
      .describe('Steps and sinks that a breaker has stopped. The gateway itself is ready without them'),
  })
  .meta({ id: 'Readiness' });

export const healthSpecs = {
  health: spec({
    method: 'get',
    path: '/health',
    id: 'getHealth',
    tag: 'Operation',
    summary: 'Whether the process is up',
    answers: {
      200: {
        description: 'The process is up',
        schema: z.object({ status: z.literal('up'), uptimeSeconds: z.number() }),
      },
    },
  }),
  ready: spec({
    method: 'get',
    path: '/ready',
    id: 'getReady',
    tag: 'Operation',
    summary: 'Whether the gateway can reach all parts that it needs, with the result for each part',
    answers: {
      200: { description: 'All parts can be reached', schema: readiness },
      503: { description: 'Some parts cannot be reached', schema: readiness },
    },
  }),
  standstills: spec({
    method: 'get',
    path: '/v1/standstills',
    id: 'listStandstills',
    tag: 'Operation',
    summary: 'Which steps and sinks a breaker has stopped, on which partition, since when and why',
    answers: {
      200: {
        description: 'Standstills, the longest first; none when all run',
        schema: z.object({ standstills: z.array(standstillResource) }),
      },
    },
  }),
  metrics: spec({
    method: 'get',
    path: '/metrics',
    id: 'getMetrics',
    tag: 'Operation',
    summary: 'Metrics of this process in the Prometheus text format',
    answers: { 200: { description: 'Metrics', schema: z.string(), type: 'text/plain' } },
  }),
};

export function healthRoutes({ checks, metrics, standstills }: HealthRoutesOptions): Route[] {
  const still = async (): Promise<readonly StandstillView[]> =>
    (await standstills())
      .toSorted((one, other) => one.since - other.since)
      .map(({ step, topic, partition, since, why }) => ({ step, topic, partition, since, why }));
  const started = Date.now();
  return [
    route(healthSpecs.health, () =>
      Promise.resolve({
        status: 200,
        body: { status: 'up', uptimeSeconds: Math.round((Date.now() - started) / 1000) },
      }),
    ),
    route(healthSpecs.ready, async () => {
      const results = await Promise.all(
        Object.entries(checks).map(async ([name, check]) => [name, await look(check)] as const),
      );
      const ready = results.every(([, { ok }]) => ok);
      const body = { ready, checks: Object.fromEntries(results), standstills: await still() };
      return { status: ready ? 200 : 503, body };
    }),
    route(healthSpecs.standstills, async () => ({ status: 200, body: { standstills: await still() } })),
    route(healthSpecs.metrics, async () => ({
      status: 200,
      body: await metrics.text(),
      type: metricsContentType,
    })),
  ];
}

async function look(check: HealthCheck): Promise<z.output<typeof checkResult>> {
  const begun = performance.now();
  const milliseconds = (): number => Math.round(performance.now() - begun);
  try {
    await within(checkWithin, check(), () => {
      throw new Error(`no answer within ${checkWithin / 1000} s`);
    });
    return { ok: true, milliseconds: milliseconds() };
  } catch (error) {
    return {
      ok: false,
      milliseconds: milliseconds(),
      detail: messageOf(error),
    };
  }
}
