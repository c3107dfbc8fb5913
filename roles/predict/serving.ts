/** The models of a process role: follows the model registry, and reports what happened to each entry. */
import { rowShapeOf } from '../../models/bundle/row-shape.ts';
import { applyDefault } from '../../models/registry/default-champion.ts';
import { followRegistry } from '../../models/registry/follow.ts';
import { ModelServer, type ServerEvent } from '../../models/registry/model-server.ts';
import type { ProcessDefinition } from '../../processes/schema.ts';
import type { Models } from '../../processors/predict/predictor.ts';
import type { ModelEvent } from '../../schemas/generated/types.ts';
import { fixedHeaders } from '../../schemas/headers.ts';
import type { Producer } from '../../stream/index.ts';
import { CastwatchError } from '../../base/errors.ts';
import type { Kafka } from '../connections.ts';
import { instanceName, modelsFolder, openRegistry } from '../open-registry.ts';
import { sentence, type RoleContext } from '../role.ts';

export interface Serving {
  current(): Models;
  /** Resolves when the models can answer rows. */
  readonly ready: Promise<void>;
  problems(): readonly string[];
  stop(): Promise<void>;
}

export function startServing(
  kafka: Kafka,
  definition: ProcessDefinition,
  { config, log, metrics }: Pick<RoleContext, 'config' | 'log' | 'metrics'>,
): Serving {
  const { process } = definition;
  const registry = openRegistry(kafka);
  const root = modelsFolder(config);
  const events = eventWriter(kafka, (error) => {
    log.warn({ err: error }, 'a model event could not be written to its topic');
  });
  const ready = Promise.withResolvers<undefined>();
  const server = new ModelServer({
    rows: rowShapeOf(definition),
    root,
    onEvent(event) {
      const { kind, entry, reason, remedy, loadMs } = event;
      const { role, bundle, sequence, by, why } = entry;
      const fields = { role, bundle, sequence, by, why, loadMs: Math.round(loadMs) };
      if (kind === 'SERVING') log.info(fields, 'the model answers from now on');
      else
        log.error({ ...fields, reason, remedy }, 'the model is refused; the model before it keeps answering');
      metrics.modelSwaps.add(1, { role, outcome: kind });
      events.write(process, event);
    },
  });
  let unread: string | undefined = 'the model registry has not been read yet';
  let damaged: string | undefined;
  const following = followRegistry({
    registry,
    process,
    server,
    begin,
    onProblem(error) {
      unread = `the model registry cannot be read: ${sentence(error)}`;
      log.warn({ err: error }, 'the model registry cannot be read; the loaded models keep answering');
    },
    onFollowed() {
      unread = undefined;
      const { champion } = server.current();
      metrics.modelRefused.set(server.problems().length);
      // Without any model, predictions are UNAVAILABLE. With a damaged default model, rows wait until there is a champion.
      if (server.ready && (champion !== undefined || damaged === undefined)) ready.resolve(undefined);
      if (champion !== undefined) damaged = undefined;
    },
  });
  return {
    current: () => server.current(),
    ready: ready.promise,
    problems: () => [unread, damaged, ...server.problems()].filter((each) => each !== undefined),
    async stop() {
      await following.stop();
      await server.close();
      await events.close();
    },
  };

  async function begin(): Promise<void> {
    try {
      const entry = await applyDefault(registry, process, root);
      if (entry !== undefined)
        log.info({ bundle: entry.bundle, why: entry.why }, 'the default model is now champion');
    } catch (error) {
      if (!(error instanceof CastwatchError && error.code === 'MODEL')) throw error;
      damaged = sentence(error);
      log.error({ err: error, remedy: error.remedy }, 'the default model is damaged');
    }
  }
}

interface EventWriter {
  write(process: string, event: ServerEvent): void;
  close(): Promise<void>;
}

/** Writes model events in order, without making the caller wait. */
function eventWriter({ transport, serde, topics }: Kafka, onProblem: (error: unknown) => void): EventWriter {
  const codec = serde.codec('modelEvents');
  let producer: Producer | undefined;
  let last = Promise.resolve();
  const send = async (process: string, { kind, entry, reason, loadMs }: ServerEvent): Promise<void> => {
    const { role, sequence, bundle } = entry;
    const value: ModelEvent = {
      process,
      role,
      sequence,
      bundle,
      eventTime: Date.now(),
      kind,
      instance: instanceName,
      reason: reason ?? null,
      loadMs,
    };
    producer ??= await transport.producer();
    await producer.send([
      {
        topic: topics.modelEvents,
        key: process,
        value: codec.encode(value),
        timestamp: value.eventTime,
        headers: fixedHeaders('modelEvents', '/castwatch/predict'),
      },
    ]);
  };
  return {
    write(process, event) {
      last = last.then(() => send(process, event)).catch(onProblem);
    },
    async close() {
      await last;
      await producer?.close();
    },
  };
}
