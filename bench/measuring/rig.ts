/** What measurements run on: a local stack of their own, a dataset, a load generator, and topics of its own for each run. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { openKafka } from '../../roles/connections.ts';
import { openDefinition } from '../../roles/open-definition.ts';
import { removeLocalData, startLocalStack, type LocalStack, type StackPartName } from '../../local/stack.ts';
import type { ProcessDefinition } from '../../processes/schema.ts';
import { createTopics } from '../../schemas/admin.ts';
import { defaultPartitions } from '../../schemas/catalogue.ts';
import { createRegistryClient } from '../../schemas/registry/client.ts';
import { registerSchemas } from '../../schemas/registry/register.ts';
import { createSerde } from '../../schemas/registry/serde.ts';
import { createLogger } from '../../telemetry/log.ts';
import type { Run } from '../contenders/contender.ts';
import { writeEncodedDataset } from './encoded-dataset.ts';
import { expectationOf, type Expectation } from './expectation.ts';
import { Loader } from '../load/loader.ts';
import { deleteTopics } from './delete-topics.ts';

/** For `until`: how long the processing of everything sent may take. */
export const runTimeout = { timeout: 240_000 };

export interface RigOptions {
  readonly plant: Run['plant'];
  /** Records in the dataset. */
  readonly records: number;
  readonly seed: string;
  /** Index of the record where the second backlog begins; the expectation's offsets depend on it. */
  readonly split?: number;
  readonly parts: readonly StackPartName[];
  /** Starts faster and then runs slower: for tests. */
  readonly shortLived?: boolean;
  /** Folder for CPU profiles. Default: take none. */
  readonly profiles?: string;
  readonly say: (line: string) => void;
}

export interface Rig {
  readonly stack: LocalStack;
  readonly brokerPid: number;
  readonly definition: ProcessDefinition;
  readonly expectation: Expectation;
  /** The expectation for only the first records, with the second backlog beginning at another index. */
  expectationOf(records: number, split: number): Promise<Expectation>;
  readonly loader: Loader;
  /** Creates empty topics for one run. */
  openRun(name: string): Promise<OpenRun>;
  stop(): Promise<void>;
}

export interface OpenRun extends Run {
  /** Closes the connections and deletes the topics. */
  close(): Promise<void>;
}

const log = createLogger('bench', process.env['LOG_LEVEL'] ?? 'error');

export async function startRig(options: RigOptions): Promise<Rig> {
  const { plant, records: count, seed, split, parts, say } = options;
  const folder = await mkdtemp(join(tmpdir(), 'castwatch-bench-'));
  const remove = (): void => {
    rmSync(folder, { recursive: true, force: true });
  };
  process.once('exit', remove);
  const definition = openDefinition(plant);
  const stack = await startLocalStack({
    dataDir: join(folder, 'stack'),
    log,
    only: parts,
    shortLived: options.shortLived ?? false,
  });
  let loader: Loader | undefined;
  const stop = async (): Promise<void> => {
    loader?.stop();
    await stack.stop();
    await removeLocalData(stack.dataDir);
    remove();
    process.off('exit', remove);
  };
  try {
    say(`preparing ${count} records of ${plant.cells} assets, and their expected outputs …`);
    const serde = createSerde({ registryUrl: stack.registryUrl });
    await serde.ready();
    const input = { definition, count, seed };
    const dataset = join(folder, 'dataset');
    await writeEncodedDataset(dataset, input, serde);
    const expect = (first: number, markersBefore: readonly number[]): Promise<Expectation> =>
      expectationOf({ ...input, count: first, partitions: defaultPartitions, markersBefore }, serde);
    const expectation = await expect(count, split === undefined ? [] : [split]);
    const others = new Map<string, Promise<Expectation>>();
    loader = await Loader.start({ brokers: stack.kafkaBrokers, dataset });
    return {
      stack,
      brokerPid: pidOf(stack, 'kafka'),
      definition,
      expectation,
      expectationOf(first, at) {
        if (first === count && at === split) return Promise.resolve(expectation);
        const key = `${first} ${at}`;
        const known = others.get(key) ?? expect(first, [at]);
        others.set(key, known);
        return known;
      },
      loader,
      openRun: (name) => openRun(name, { stack, plant, definition, folder, profiles: options.profiles }),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Reads the process id from the file of the stack's guard. */
function pidOf({ dataDir }: LocalStack, part: StackPartName): number {
  const text = readFileSync(join(dataDir, 'run', `${part}.json`), 'utf8');
  return z.object({ pid: z.number() }).parse(JSON.parse(text)).pid;
}

interface RunSurroundings {
  readonly stack: LocalStack;
  readonly plant: Run['plant'];
  readonly definition: ProcessDefinition;
  readonly folder: string;
  readonly profiles: string | undefined;
}

async function openRun(
  name: string,
  { stack, plant, definition, folder, profiles }: RunSurroundings,
): Promise<OpenRun> {
  const prefix = `b-${randomBytes(4).toString('hex')}-`;
  const { kafkaBrokers: brokers, registryUrl } = stack;
  await createTopics({ brokers, prefix });
  const kafka = await openKafka({ brokers, registryUrl, prefix, clientId: 'bench', log });
  const registered = await registerSchemas(createRegistryClient({ url: registryUrl }), { prefix });
  const own = join(profiles ?? folder, name);
  mkdirSync(own, { recursive: true });
  return {
    kafka,
    brokers,
    registryUrl,
    schemaIds: Object.fromEntries(registered.map(({ topic, id }) => [topic, id])),
    plant,
    definition,
    folder: own,
    profile: profiles !== undefined,
    async close() {
      await kafka.close();
      await deleteTopics(brokers, prefix);
    },
  };
}
