/** Opens the model registry and finds the folder of bundles, for roles and commands. */
import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { bundlesFolder } from '../models/bundle/champion-file.ts';
import { ModelRegistry } from '../models/registry/model-registry.ts';
import type { Config } from './config.ts';
import type { Kafka } from './connections.ts';

export const modelsFolder = (config: Pick<Config, 'CASTWATCH_MODELS_DIR'>): string =>
  resolve(config.CASTWATCH_MODELS_DIR ?? bundlesFolder);

export const openRegistry = ({
  transport,
  serde,
  topics,
}: Pick<Kafka, 'transport' | 'serde' | 'topics'>): ModelRegistry =>
  new ModelRegistry({ transport, codec: serde.codec('models'), topic: topics.models });

/** Names this process among all processes that serve models: host and process id. */
export const instanceName = `${hostname()}/${process.pid}`;
