/**
 * Takes readings and MES events by REST. Each item is checked against its schema and the process definition. Valid items
 * are written to their topic, and the answer waits until all in-sync replicas have acknowledged them.
 *
 * Sending an item again is harmless: validation drops readings with the same asset, source and sequence, and an event is a
 * fact with a time. So a caller may repeat a request after a 503 or after no answer.
 */
import { z } from 'zod';
import { messageOf } from '../../base/text.ts';
import { within } from '../../base/retry.ts';
import type { ProcessDefinition } from '../../processes/schema.ts';
import type { MesEvent, QualityLabel, SensorReading } from '../../schemas/generated/types.ts';
import { eventId, fixedHeaders, labelId, type FixedHeaders } from '../../schemas/headers.ts';
import { mesEventJson, parseMesEvent, qualityLabelJson, readingJson } from '../../schemas/json.ts';
import { checkAsset, readingChecker, type ReadingProblem } from '../../sources/json-reading.ts';
import { isTooLarge, type Codec, type Producer, type ProducerRecord } from '../../stream/index.ts';
import type { Logger } from '../../telemetry/log.ts';
import type { Metrics } from '../../telemetry/metrics.ts';
import type { Tracing } from '../../telemetry/tracing.ts';
import { mostListed, type ItemProblems } from './item-problems.ts';
import { labelParser } from './parse-label.ts';
import { problemError, type ProblemError } from './problem-details.ts';
import { route, spec, type Reply, type Route } from './route.ts';
import { sortItems, type ItemForm, type TakenItem } from './sort-items.ts';

export interface IngestOptions {
  readonly definition: ProcessDefinition;
  readonly producer: Producer;
  readonly readings: { readonly topic: string; readonly codec: Codec<SensorReading> };
  readonly mesEvents: { readonly topic: string; readonly codec: Codec<MesEvent> };
  readonly qualityLabels: { readonly topic: string; readonly codec: Codec<QualityLabel> };
  readonly tracing: Tracing;
  readonly metrics: Metrics;
  readonly log: Logger;
}

/** Limits: items in a request, requests that wait for Kafka at the same time, and ms to wait for Kafka. */
export const mostItems = 10_000;
const mostWaiting = 200;
const produceWithin = 10_000;

const receipt = z
  .object({
    index: z.int(),
    asset: z.string(),
    source: z.string(),
    sequence: z.int().optional().describe('Of a reading or an MES event'),
    eventTime: z.int().optional().describe('Of a label: the start of its span, ms since the epoch'),
  })
  .meta({ id: 'Receipt', description: 'Written to Kafka and acknowledged by all in-sync replicas' });

const outcome = z
  .object({
    accepted: z.array(receipt),
    rejected: z
      .array(problemError)
      .max(mostListed)
      .describe('Items that were not accepted, with the reasons; the first ones'),
    moreRejected: z.int().optional().describe('Number of further reasons, which are not listed'),
  })
  .meta({ id: 'IngestOutcome' });

interface Identified {
  readonly asset: string;
  readonly source: string;
}

/** A kind of item that clients may send. */
interface Kind<T extends Identified> extends ItemForm<T> {
  readonly name: 'reading' | 'mes-event' | 'quality-label';
  readonly topic: string;
  readonly headers: FixedHeaders;
  readonly id: (value: T) => string;
  /** What tells its items of one asset and source apart. */
  readonly receipt: (value: T) => { readonly sequence: number } | { readonly eventTime: number };
}

const bySequence = ({ sequence }: { readonly sequence: number }) => ({ sequence });

const answers = {
  202: { description: 'All items are accepted', schema: outcome },
  207: { description: 'Some items are accepted; the others are listed with the reasons', schema: outcome },
  400: { description: 'The body is not JSON' },
  413: {
    description: `The body has more than ${mostItems} items or is too large, or the topic takes no records of this size`,
  },
  415: { description: 'The content type is not application/json' },
  422: { description: 'No item is accepted' },
  503: {
    description:
      'Kafka cannot be reached, or the gateway is overloaded; repeat the request after the time in Retry-After',
  },
};

const reading = readingJson.meta({ id: 'Reading' });
const mesEvent = mesEventJson.meta({ id: 'MesEvent' });
const label = qualityLabelJson.meta({ id: 'QualityLabel' });

export const ingestSpecs = {
  readings: spec({
    method: 'post',
    path: '/v1/readings',
    id: 'postReadings',
    tag: 'Ingestion',
    summary: 'Send one reading, or an array of them',
    description:
      'Repeating a request is harmless: a reading is identified by its asset, source and sequence. Validation runs after the answer: GET /v1/rejections lists what it found wrong, such as a reading that is too late.',
    body: z.union([reading, z.array(reading).max(mostItems)]),
    answers,
  }),
  mesEvents: spec({
    method: 'post',
    path: '/v1/mes-events',
    id: 'postMesEvents',
    tag: 'Ingestion',
    summary: 'Send one MES event, or an array of them',
    description:
      'Wait for the answer before you send readings of the same time, so that their predictions name the piece.',
    body: z.union([mesEvent, z.array(mesEvent).max(mostItems)]),
    answers,
  }),
  qualityLabels: spec({
    method: 'post',
    path: '/v1/quality-labels',
    id: 'postQualityLabels',
    tag: 'Ingestion',
    summary: 'Send one label of Quality Management, or an array of them',
    description:
      'A label says whether the defect was found in a span of production. It judges the predictions of that span. Repeating a request is harmless: the first label of a span counts.',
    body: z.union([label, z.array(label).max(mostItems)]),
    answers,
  }),
};

const source = '/castwatch/gateway';

export function ingestRoutes(options: IngestOptions): Route[] {
  const { definition } = options;
  const check = readingChecker(definition);
  const levels = definition.piece?.levels ?? [];
  const readings: Kind<SensorReading> = {
    name: 'reading',
    topic: options.readings.topic,
    encode: (value) => options.readings.codec.encode(value),
    headers: fixedHeaders('sensorReadings', source),
    id: eventId,
    receipt: bySequence,
    parse(json, suggestions) {
      const checked = check(json, suggestions);
      return checked.ok ? checked : { ok: false, problems: checked.problems.map(withRemedy) };
    },
  };
  const mesEvents: Kind<MesEvent> = {
    name: 'mes-event',
    topic: options.mesEvents.topic,
    encode: (value) => options.mesEvents.codec.encode(value),
    headers: fixedHeaders('mesEvents', source),
    id: eventId,
    receipt: bySequence,
    parse(json) {
      const parsed = parseMesEvent(json);
      if (!parsed.ok) return parsed;
      const { value } = parsed;
      const problems = [...checkAsset(definition, value.asset).map(withRemedy), ...checkLevel(levels, value)];
      return problems.length === 0 ? parsed : { ok: false, problems };
    },
  };
  const labels: Kind<QualityLabel> = {
    name: 'quality-label',
    topic: options.qualityLabels.topic,
    encode: (value) => options.qualityLabels.codec.encode(value),
    headers: fixedHeaders('qualityLabels', source),
    // The same span may be judged again, by another source or later.
    id: (value) => `${labelId(value)}#${value.source}#${value.foundAt}`,
    receipt: ({ eventTime }) => ({ eventTime }),
    parse: labelParser(definition, (asset) => checkAsset(definition, asset).map(withRemedy)),
  };
  const ingest = ingester(options);
  return [
    route(ingestSpecs.readings, ({ body }) => ingest(readings, body)),
    route(ingestSpecs.mesEvents, ({ body }) => ingest(mesEvents, body)),
    route(ingestSpecs.qualityLabels, ({ body }) => ingest(labels, body)),
  ];
}

function ingester({ producer, tracing, metrics, log }: IngestOptions) {
  let waiting = 0;
  return async <T extends Identified>(kind: Kind<T>, body: unknown): Promise<Reply> => {
    const alone = !Array.isArray(body);
    const items: readonly unknown[] = Array.isArray(body) ? body : [body];
    if (items.length > mostItems) return tooMany(items.length);
    const { taken, problems, padded } = await sortItems(kind, items, alone);
    if (padded > 0) metrics.textsPadded.add(padded, { entry: 'rest' });
    const count = (outcome: 'invalid' | 'unavailable' | 'accepted', number: number): void => {
      metrics.gatewayIngested.add(number, { kind: kind.name, outcome });
    };
    count('invalid', problems.items);
    if (taken.length === 0) return noneTaken(problems);
    const unavailable = (title: string, detail: string): Reply => {
      count('unavailable', taken.length);
      return {
        problem: {
          status: 503,
          title,
          detail,
          remedy: 'Repeat the request. Repeating it is harmless.',
          retryAfter: 5,
        },
      };
    };
    if (waiting >= mostWaiting)
      return unavailable('The gateway is overloaded', `${mostWaiting} requests are waiting for Kafka.`);
    waiting++;
    try {
      const acknowledged = producer.send(taken.map((one) => recordOf(kind, one, tracing)));
      await within(produceWithin, acknowledged, () => {
        throw new Error(`Kafka did not acknowledge within ${produceWithin / 1000} s.`);
      });
    } catch (error) {
      log.warn(
        { err: error, topic: kind.topic, records: taken.length },
        'records sent by REST could not be written to Kafka',
      );
      if (!isTooLarge(error)) return unavailable('Not written to Kafka', messageOf(error));
      count('invalid', taken.length);
      return tooLargeForTopic(kind.topic);
    } finally {
      waiting--;
    }
    count('accepted', taken.length);
    const accepted = taken.map(({ index, value }) => ({
      ...{ index, asset: value.asset, source: value.source },
      ...kind.receipt(value),
    }));
    return {
      status: problems.items === 0 ? 202 : 207,
      body: {
        accepted,
        rejected: problems.listed,
        ...(problems.more > 0 && { moreRejected: problems.more }),
      },
    };
  };
}

function recordOf<T extends Identified>(
  { topic, headers, id }: Kind<T>,
  { value, bytes }: TakenItem<T>,
  tracing: Tracing,
): ProducerRecord {
  return {
    topic,
    key: value.asset,
    value: bytes,
    timestamp: Date.now(),
    headers: { ...headers, ce_id: id(value), ...tracing.publishHeaders(topic, value.asset) },
  };
}

const tooMany = (count: number): Reply => ({
  problem: {
    status: 413,
    title: 'Too many items',
    detail: `The request has ${count} items; it may have ${mostItems} at most.`,
    remedy: 'Send the items in several requests.',
  },
});

const tooLargeForTopic = (topic: string): Reply => ({
  problem: {
    status: 413,
    title: 'Too large for the topic',
    detail: `The broker refuses records of this size on ${topic}. Some of the items may have been written.`,
    remedy: `Send fewer and smaller items in a request, or have max.message.bytes of ${topic} raised. Repeating is harmless, but does not help.`,
  },
});

const noneTaken = ({ listed, more }: ItemProblems): Reply => ({
  problem: {
    status: 422,
    title: listed.length === 0 ? 'The request has no items' : 'No item was accepted',
    errors: listed,
    ...(more > 0 && { moreErrors: more }),
    remedy:
      'Correct the listed errors. GET /v1/definition lists the assets and tags; /v1/openapi.json describes the format.',
  },
});

const remedies = {
  asset: 'GET /v1/definition lists the assets. Add a new asset to the process definition.',
  tag: 'GET /v1/definition lists the tags.',
};

const withRemedy = ({ about, ...problem }: ReadingProblem): ProblemError =>
  about === 'form' ? problem : { ...problem, remedy: remedies[about] };

function checkLevel(levels: readonly string[], event: MesEvent): ProblemError[] {
  if (levels.includes(event.level)) return [];
  const remedy = levels.length === 0 ? 'This process has no pieces.' : `The levels are ${levels.join(', ')}.`;
  return [{ path: 'level', message: `${event.level} is not a piece level of this process`, remedy }];
}
