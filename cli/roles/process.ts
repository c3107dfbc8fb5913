/** The processing role: some or all of the steps, each as a member of its consumer group. */
import { checkBundleFits, hasChampion, loadChampion } from '../../models/bundle.ts';
import { createPredictor } from '../../models/predictor.ts';
import type { Predictor } from '../../processors/predict/predictor.ts';
import {
  alertProcessor,
  featuresProcessor,
  predictProcessor,
  validateProcessor,
  type StepName,
  type Wires,
} from '../../processors/wiring.ts';
import { featureSetVersion } from '../../processes/plant.ts';
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
import type { OwnedPartitions, RoleContext, RunningRole } from '../role.ts';

export interface ProcessRoleOptions {
  readonly kafka: Kafka;
  readonly definition: ProcessDefinition;
  readonly steps: readonly StepName[];
}

type Starter = (wires: Wires) => StreamApp;

export async function startProcessRole(
  options: ProcessRoleOptions,
  context: RoleContext,
): Promise<RunningRole> {
  const { kafka, definition, steps } = options;
  const { log, metrics, tracing } = context;
  const model = steps.includes('predict') ? await openPredictor(definition, context) : undefined;
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
    predict: (wires) => run(predictProcessor(wires, () => model?.predictor)),
    alert: (wires) => run(alertProcessor(wires)),
  };
  const wires = { definition, serde: kafka.serde, topics: kafka.topics };
  const apps = steps.map((step) => starters[step](wires));

  return {
    status() {
      const all = apps.map((app) => app.status());
      return {
        ready: all.every(({ state }) => state === 'running'),
        halted: all.some(({ state }) => state === 'halted'),
        problems: all.flatMap(({ step, message }) => (message === undefined ? [] : [`${step}: ${message}`])),
        detail: all.map(({ step, tasks }): OwnedPartitions => ({
          reader: step,
          partitions: tasks.map(({ partition }) => String(partition)),
        })),
      };
    },
    async stop() {
      await Promise.all(apps.map((app) => app.stop()));
      await model?.close();
      await kafka.close();
    },
  };
}

export interface OpenPredictor {
  readonly predictor: Predictor;
  close(): Promise<void>;
}

/**
 * The process's champion bundle, ready to answer; undefined when there is none, which leaves predictions that say so.
 * @throws CastwatchError MODEL when the bundle is damaged or was trained on other features
 */
export async function openPredictor(
  definition: ProcessDefinition,
  { log }: Pick<RoleContext, 'log'>,
): Promise<OpenPredictor | undefined> {
  if (!hasChampion(definition.process)) {
    log.warn(
      { process: definition.process },
      'there is no model for this process: predictions will be UNAVAILABLE; see `train`',
    );
    return undefined;
  }
  const bundle = loadChampion(definition.process);
  checkBundleFits(bundle, definition.process, featureSetVersion(definition));
  const predictor = await createPredictor(bundle);
  return { predictor, close: () => predictor.close() };
}
