/** The processing role: some or all of the steps, each as a member of its consumer group. */
import type { Models } from '../../processors/predict/predictor.ts';
import {
  alertProcessor,
  featuresProcessor,
  predictProcessor,
  validateProcessor,
  type StepName,
  type Wires,
} from '../../processors/wiring.ts';
import type { ProcessDefinition } from '../../processes/schema.ts';
import {
  startStreamApp,
  type Input,
  type Output,
  type Processor,
  type StreamApp,
} from '../../stream/index.ts';
import { streamObserver } from '../../telemetry/stream-observer.ts';
import { traceHeaders } from '../../telemetry/tracing.ts';
import type { Kafka } from '../connections.ts';
import { application, publishedHeader } from '../names.ts';
import { startServing } from './serving.ts';
import type { OwnedPartitions, RoleContext, RunningRole } from '../role.ts';

export interface ProcessRoleOptions {
  readonly kafka: Kafka;
  readonly definition: ProcessDefinition;
  readonly steps: readonly StepName[];
}

const nobody: Models = { champion: undefined, beside: [] };

type Starter = (wires: Wires) => StreamApp;

export function startProcessRole(options: ProcessRoleOptions, context: RoleContext): RunningRole {
  const { kafka, definition, steps } = options;
  const { log, metrics, tracing } = context;
  const serving = steps.includes('predict') ? startServing(kafka, definition, context) : undefined;
  const observer = streamObserver(metrics);
  const settings = {
    transport: kafka.transport,
    application: application(kafka.prefix),
    deadLetterTopic: kafka.topics.deadLetters,
    carryHeaders: [...traceHeaders, publishedHeader],
    observer,
    log,
  };
  const run = <In extends Input, Out extends Output, State, Extra>(
    processor: Processor<In, Out, State, Extra>,
  ): StreamApp => startStreamApp({ ...processor, step: tracing.step(processor.step) }, settings);
  const starters: Record<StepName, Starter> = {
    validate: (wires) => run(validateProcessor(wires)),
    features: (wires) => run(featuresProcessor(wires)),
    predict: (wires) => run(predictProcessor(wires, () => serving?.current() ?? nobody)),
    alert: (wires) => run(alertProcessor(wires)),
  };
  const wires = { definition, serde: kafka.serde, topics: kafka.topics };
  const apps = steps.filter((step) => step !== 'predict').map((step) => starters[step](wires));
  let stopped = false;
  // Rows wait on their topic until there is somebody to answer them.
  void serving?.ready.then(() => {
    if (!stopped) apps.push(starters.predict(wires));
  });

  return {
    status() {
      const all = apps.map((app) => app.status());
      return {
        ready: all.length === steps.length && all.every(({ state }) => state === 'running'),
        halted: all.some(({ state }) => state === 'halted'),
        problems: [
          ...all.flatMap(({ step, message }) => (message === undefined ? [] : [`${step}: ${message}`])),
          ...(serving?.problems() ?? []),
        ],
        detail: all.map(({ step, tasks }): OwnedPartitions => ({
          reader: step,
          partitions: tasks.map(({ partition }) => String(partition)),
        })),
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
