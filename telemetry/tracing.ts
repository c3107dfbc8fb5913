/**
 * Traces with OpenTelemetry that follow single records.
 *
 * A source samples some of the records that it publishes and gives each of them a W3C `traceparent` header. The stream
 * runtime copies the header from a record to the records derived from it, without reading it. Each step that processes a
 * sampled record adds a span to its trace, and so do the sink and the gateway. One trace leads from a reading to its rows
 * and to the messages that clients get. Without an exporter, no record is sampled and no step is wrapped, so tracing costs
 * nothing per record.
 */
import {
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  TraceFlags,
  type Context,
  type Tracer,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  NodeTracerProvider,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  type SpanExporter,
} from '@opentelemetry/sdk-trace-node';
import type { Headers, Input, Outcome, Output, Step, StepRecord, TopicPartition } from '../stream/index.ts';
import { letGo, otlpUrl } from './otlp.ts';

/** The headers of a trace, which the runtime must copy from input to output. */
export const traceHeaders = ['traceparent', 'tracestate'] as const;

export interface Tracing {
  readonly enabled: boolean;
  /** Headers for a record about to be published; undefined when it is not sampled. */
  publishHeaders(topic: string, key: string): { readonly traceparent: string } | undefined;
  /** Wraps the step so that it adds a span for each sampled record. Returns the step itself when tracing is off. */
  step<In extends Input, Out extends Output, State, Extra>(
    step: Step<In, Out, State, Extra>,
  ): Step<In, Out, State, Extra>;
  /** Reports that a record left the stream. Adds a span when the record is sampled. */
  left(departure: Departure): void;
  /** Sends the remaining spans. */
  stop(): Promise<void>;
}

/** How a record left the stream: its rows were committed to a database, or it was sent to a client. */
export interface Departure extends TopicPartition {
  readonly operation: 'store' | 'emit';
  readonly offset: number;
  readonly headers: Headers | undefined;
  /** ms since the epoch; default: now. The span ends at the call. */
  readonly startedAt?: number;
  readonly attributes?: Readonly<Record<string, string | number>>;
}

export interface TracingOptions {
  readonly env?: NodeJS.ProcessEnv;
  /** Default: OTLP over HTTP, when OTEL_EXPORTER_OTLP_ENDPOINT or OTEL_EXPORTER_OTLP_TRACES_ENDPOINT is set. */
  readonly exporter?: SpanExporter;
}

/** Share of published records that are sampled, unless OTEL_TRACES_SAMPLER_ARG says otherwise. */
const defaultShare = 0.01;

/** @param role what this process does; becomes `service.name` (`castwatch-<role>`) */
export function startTracing(role: string, { env = process.env, exporter }: TracingOptions = {}): Tracing {
  const collector = otlpUrl('traces', env);
  const target =
    exporter ?? (collector === undefined ? undefined : new OTLPTraceExporter({ url: collector }));
  if (target === undefined) return noTracing;
  const share = Number(env['OTEL_TRACES_SAMPLER_ARG'] ?? defaultShare);
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({ 'service.name': `castwatch-${role}` }),
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(share) }),
    spanProcessors: [new BatchSpanProcessor(target)],
  });
  const tracer = provider.getTracer('castwatch');
  return {
    enabled: true,
    publishHeaders: (topic, key) => publishHeaders(tracer, topic, key),
    step: (step) => tracedStep(tracer, step),
    left({ operation, headers, startedAt, attributes, ...place }) {
      const parent = sampledParent(headers);
      if (parent === undefined) return;
      startSpan(tracer, operation, place.topic, { ...where(place), ...attributes }, parent, startedAt).end();
    },
    stop: () => letGo(provider.shutdown()),
  };
}

export const noTracing: Tracing = {
  enabled: false,
  publishHeaders: () => undefined,
  step: (step) => step,
  left: () => undefined,
  stop: () => Promise.resolve(),
};

function publishHeaders(
  tracer: Tracer,
  topic: string,
  key: string,
): { readonly traceparent: string } | undefined {
  const span = startSpan(tracer, 'publish', topic, { 'messaging.kafka.message.key': key }, ROOT_CONTEXT);
  const { traceId, spanId, traceFlags } = span.spanContext();
  span.end();
  if ((traceFlags & TraceFlags.SAMPLED) === 0) return undefined;
  return { traceparent: `00-${traceId}-${spanId}-01` };
}

function tracedStep<In extends Input, Out extends Output, State, Extra>(
  tracer: Tracer,
  step: Step<In, Out, State, Extra>,
): Step<In, Out, State, Extra> {
  const process = (record: StepRecord<In>, state: State, extra: Extra): Outcome<Out> => {
    const parent = sampledParent(record.headers);
    if (parent === undefined) return step.process(record, state, extra);
    const span = startSpan(
      tracer,
      step.name,
      record.topic,
      { 'messaging.kafka.message.key': record.key, ...where(record) },
      parent,
    );
    try {
      const outcome = step.process(record, state, extra);
      span.setAttributes(describe(outcome));
      return outcome;
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR, message: String(error) });
      throw error;
    } finally {
      span.end();
    }
  };
  const prepare = step.prepare?.bind(step);
  return {
    name: step.name,
    create: (key) => step.create(key),
    ...(prepare === undefined ? {} : { prepare }),
    process,
  };
}

type Attributes = Record<string, string | number>;

const where = ({
  partition,
  offset,
}: {
  readonly partition: number;
  readonly offset: number;
}): Attributes => ({
  'messaging.kafka.offset': offset,
  'messaging.destination.partition.id': String(partition),
});

/** @param operation `publish`, a step's name, `store` … */
function startSpan(
  tracer: Tracer,
  operation: string,
  topic: string,
  attributes: Attributes,
  parent: Context,
  startTime?: number,
) {
  return tracer.startSpan(
    `${operation} ${topic}`,
    {
      ...(startTime === undefined ? {} : { startTime }),
      kind: operation === 'publish' ? SpanKind.PRODUCER : SpanKind.CONSUMER,
      attributes: {
        'messaging.system': 'kafka',
        'messaging.operation.name': operation,
        'messaging.destination.name': topic,
        ...attributes,
      },
    },
    parent,
  );
}

function describe(outcome: Outcome): Attributes {
  if (outcome.kind !== 'emit')
    return { 'castwatch.outcome': outcome.kind, 'castwatch.reason': outcome.reason };
  return {
    'castwatch.outcome':
      outcome.records.length === 0 ? 'absorbed' : outcome.records.map(({ to }) => to).join(),
  };
}

const traceparent = /^[0-9a-f]{2}-(?<traceId>[0-9a-f]{32})-(?<spanId>[0-9a-f]{16})-(?<flags>[0-9a-f]{2})/;

/** The trace context of a sampled record; undefined for other records. */
function sampledParent(headers: Headers | undefined): Context | undefined {
  const header = headers?.['traceparent'];
  if (header === undefined) return undefined;
  const { traceId, spanId, flags } = traceparent.exec(header.toString())?.groups ?? {};
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  if ((Number.parseInt(flags, 16) & TraceFlags.SAMPLED) === 0) return undefined;
  return trace.setSpanContext(ROOT_CONTEXT, {
    traceId,
    spanId,
    traceFlags: TraceFlags.SAMPLED,
    isRemote: true,
  });
}
