/** The process role: runs some or all of the steps, chained or each in a consumer group of its own. */
import { referencesOf } from '../models/bundle/reference-lookup.ts';
import { withoutModels } from '../processors/step-entry.ts';
import { inputTopics, topology, type StepName } from '../processors/topology.ts';
import { chained, commitIntervalOf, processorFor, type AnyProcessor } from '../processors/wiring.ts';
import type { ProcessDefinition } from '../processes/schema.ts';
import { topics } from '../schemas/catalogue.ts';
import { stage, startStreamChain, type Stage, type StreamApp } from '../stream/index.ts';
import { streamObserver } from '../telemetry/stream-observer.ts';
import { traceHeaders } from '../telemetry/tracing.ts';
import type { Kafka } from './connections.ts';
import { editionOf } from './edition.ts';
import { modelsFolder } from './open-registry.ts';
import { stepsReadiness } from './readiness.ts';
import { application, publishedHeader } from './shared-names.ts';
import { countPredictions, observeLatency, timeInference } from './predict/prediction-metrics.ts';
import { startServing } from './predict/serving.ts';
import type { OwnedPartitions, RoleContext, RunningRole } from './role.ts';

export interface ProcessRoleOptions {
  readonly kafka: Kafka;
  readonly definition: ProcessDefinition;
  readonly steps: readonly StepName[];
  /** Runs each step in tasks and transactions of its own, instead of chaining neighbouring steps. */
  readonly apart?: boolean;
}

export function startProcessRole(options: ProcessRoleOptions, context: RoleContext): RunningRole {
  const { kafka, definition, steps, apart = false } = options;
  const { config, log, metrics, tracing } = context;
  const serving = steps.includes('predict') ? startServing(kafka, definition, context) : undefined;
  const observer = streamObserver(metrics);
  const latency = observeLatency(kafka.topics.predictions, metrics);
  const settings = {
    transport: kafka.transport,
    application: application(kafka.prefix),
    deadLetterTopic: kafka.topics.deadLetters,
    breakerTopic: kafka.topics.breakers,
    maxDeadLetterBytes: topics.deadLetters.maxMessageBytes,
    carryHeaders: [...traceHeaders, publishedHeader],
    edition: editionOf(definition),
    log,
  };
  const traced = (processor: AnyProcessor): Stage =>
    stage({ ...processor, step: tracing.step(processor.step) });
  const onRefused = (bundle: string, why: string): void => {
    log.warn({ bundle, why }, 'the bundle cannot be read: its drift will be reported as NO_REFERENCE');
  };
  const referenceOf = referencesOf(definition.process, onRefused, modelsFolder(config));
  const current = timeInference(() => (serving ?? withoutModels).current(), metrics);
  const models = { current, referenceOf };
  const wires = { definition, serde: kafka.serde, topics: kafka.topics, models };
  const stageOf = (step: StepName): Stage => {
    const processor = processorFor(step, wires);
    const counted = (): AnyProcessor => ({
      ...processor,
      step: countPredictions(topology.predict.create(definition, models), metrics),
    });
    return traced(step === 'predict' ? counted() : processor);
  };
  const chains = apart ? steps.map((step) => [step]) : chained(steps);
  const start = (chain: readonly StepName[]): StreamApp =>
    startStreamChain(chain.map(stageOf), {
      ...settings,
      commitInterval: commitIntervalOf(chain),
      observer: chain.includes('predict') ? { ...observer, ...latency } : observer,
    });
  const apps = chains.filter((chain) => !chain.includes('predict')).map(start);
  let stopped = false;
  // Rows wait on their topic until a model can answer them.
  void serving?.ready.then(() => {
    if (!stopped) apps.push(...chains.filter((chain) => chain.includes('predict')).map(start));
  });

  for (const step of steps)
    for (const input of inputTopics(step))
      metrics.recordsMissing.add(0, { step, topic: kafka.topics[input], reason: 'deleted' });

  return {
    status() {
      const all = apps.map((app) => app.status());
      const { ready, halted, problems } = stepsReadiness(all);
      return {
        ready: ready && apps.length === chains.length,
        halted,
        problems: [...problems, ...(serving?.problems() ?? [])],
        detail: all.flatMap(({ steps: own, tasks }) =>
          own.map((reader): OwnedPartitions => ({
            reader,
            partitions: tasks.map(({ partition }) => String(partition)),
          })),
        ),
      };
    },
    async stop() {
      stopped = true;
      await Promise.all(apps.map((app) => app.stop()));
      await serving?.stop();
      await kafka.close();
    },
  };
}
