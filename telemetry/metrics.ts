/** Metrics with OpenTelemetry: typed by the catalogue, read as Prometheus text, and pushed by OTLP if configured. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { PrometheusExporter, PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { MeterProvider, PeriodicExportingMetricReader, type IMetricReader } from '@opentelemetry/sdk-metrics';
import type { Meter } from '@opentelemetry/api';
import {
  bounded,
  maximumAttributeValues,
  metricsCatalogue,
  type AttributeValues,
  type MetricEntry,
  type MetricId,
  type MetricsCatalogue,
} from './metrics-catalogue.ts';
import { letGo, otlpUrl } from './otlp.ts';

type Attributes<E extends MetricEntry> = {
  readonly [A in keyof E['attributes']]: E['attributes'][A] extends readonly string[]
    ? E['attributes'][A][number]
    : string;
};

/** The second argument of an instrument: left out for a metric without attributes. */
type Labels<E extends MetricEntry> = keyof E['attributes'] extends never ? [] : [attributes: Attributes<E>];

type Instrument<E extends MetricEntry> = E['kind'] extends 'counter'
  ? { add(value: number, ...attributes: Labels<E>): void }
  : E['kind'] extends 'gauge'
    ? { set(value: number, ...attributes: Labels<E>): void }
    : { record(value: number, ...attributes: Labels<E>): void };

/** One instrument per entry of the catalogue: `metrics.recordsDropped.add(3, { step, reason })`. */
export type Instruments = { readonly [M in MetricId]: Instrument<MetricsCatalogue[M]> };

export type Metrics = Instruments & {
  /** Prometheus text exposition format. */
  text(): Promise<string>;
  /** Sends the remaining measurements and stops the timers. */
  stop(): Promise<void>;
};

/** The content type that goes with `text()`. */
export const metricsContentType = 'text/plain; version=0.0.4; charset=utf-8';

/**
 * @param role what this process does; becomes `service.name` (`castwatch-<role>`).
 * Pushes by OTLP every OTEL_METRIC_EXPORT_INTERVAL ms (default 60,000) when OTEL_EXPORTER_OTLP_ENDPOINT is set.
 */
export function startMetrics(role: string, env: NodeJS.ProcessEnv = process.env): Metrics {
  // The exporter's own server stays off, because roles serve /metrics themselves.
  const reader = new PrometheusExporter({ preventServerStart: true });
  const serializer = new PrometheusSerializer('', false, undefined, true, true);
  const readers: IMetricReader[] = [reader];
  const collector = otlpUrl('metrics', env);
  if (collector !== undefined) {
    readers.push(
      new PeriodicExportingMetricReader({
        exporter: new OTLPMetricExporter({ url: collector }),
        exportIntervalMillis: Number(env['OTEL_METRIC_EXPORT_INTERVAL'] ?? 60_000),
      }),
    );
  }
  const provider = new MeterProvider({
    resource: resourceFromAttributes({ 'service.name': `castwatch-${role}` }),
    readers,
  });
  const instruments = makeInstruments(provider.getMeter('castwatch'));
  const stopWatching = watchProcess(instruments);
  return {
    ...instruments,
    async text() {
      const { resourceMetrics } = await reader.collect();
      return serializer.serialize(resourceMetrics);
    },
    async stop() {
      stopWatching();
      await letGo(provider.shutdown());
    },
  };
}

function makeInstruments(meter: Meter): Instruments {
  const entries = Object.entries<MetricEntry>(metricsCatalogue).map(([id, entry]) => [
    id,
    makeInstrument(meter, entry),
  ]);
  // `Instruments` is derived from the catalogue, so the entries fit.
  return Object.fromEntries(entries) as Instruments;
}

type Recorded = Readonly<Record<string, string>>;

function makeInstrument(meter: Meter, entry: MetricEntry): object {
  const options = { unit: entry.unit, description: entry.description };
  const bound = boundAttributes(entry);
  switch (entry.kind) {
    case 'counter': {
      const counter = meter.createCounter(entry.name, options);
      return {
        add: (value: number, attributes?: Recorded) => {
          counter.add(value, bound(attributes));
        },
      };
    }
    case 'gauge': {
      const gauge = meter.createGauge(entry.name, options);
      return {
        set: (value: number, attributes?: Recorded) => {
          gauge.record(value, bound(attributes));
        },
      };
    }
    case 'histogram': {
      const advice =
        entry.buckets === undefined ? {} : { advice: { explicitBucketBoundaries: [...entry.buckets] } };
      const histogram = meter.createHistogram(entry.name, { ...options, ...advice });
      return {
        record: (value: number, attributes?: Recorded) => {
          histogram.record(value, bound(attributes));
        },
      };
    }
  }
}

/** Returns the attributes as they are. The value of an attribute that already has its maximum of values becomes `other`. */
function boundAttributes(entry: MetricEntry): (attributes: Recorded | undefined) => Recorded {
  const open = Object.entries<AttributeValues>(entry.attributes)
    .filter(([, values]) => values === bounded)
    .map(([name]) => ({ name, seen: new Set<string>() }));
  return (attributes) => {
    if (attributes === undefined) return {};
    let result = attributes;
    for (const { name, seen } of open) {
      const value = attributes[name] ?? '';
      if (seen.has(value)) continue;
      if (seen.size < maximumAttributeValues) seen.add(value);
      else result = { ...result, [name]: 'other' };
    }
    return result;
  };
}

/** Records memory and event-loop delay every 5 s. */
function watchProcess({ memory, eventLoopDelay }: Instruments): () => void {
  const resolution = 20; // ms between two samples of the loop; each measured delay includes it
  const delay = monitorEventLoopDelay({ resolution });
  const seconds = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e9 - resolution / 1e3);
  delay.enable();
  const look = (): void => {
    const { rss, heapUsed, external } = process.memoryUsage();
    memory.set(rss, { kind: 'resident' });
    memory.set(heapUsed, { kind: 'heap' });
    memory.set(external, { kind: 'external' });
    eventLoopDelay.set(seconds(delay.percentile(50)), { quantile: 'p50' });
    eventLoopDelay.set(seconds(delay.percentile(99)), { quantile: 'p99' });
    eventLoopDelay.set(seconds(delay.max), { quantile: 'max' });
    delay.reset();
  };
  const timer = setInterval(look, 5_000).unref();
  look();
  return () => {
    clearInterval(timer);
    delay.disable();
  };
}
