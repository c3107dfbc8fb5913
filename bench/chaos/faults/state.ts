/**
 * All processors are killed at once: every state in memory is lost and is restored from the changelogs. The final states
 * are compared, one by one, with those of an undisturbed run. The restore of a large changelog is timed.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { readTopic } from '../../../proof/read-topic.ts';
import { withoutModels } from '../../../processors/step-entry.ts';
import { stepNames } from '../../../processors/topology.ts';
import { processorFor } from '../../../processors/wiring.ts';
import { partKey, splitPartKey, StateStore } from '../../../stream/index.ts';
import type { Fault, Injection } from '../fault.ts';
import type { ChaosRig } from '../rig/chaos-rig.ts';
import { compareStates, statefulSteps } from '../checks/twin.ts';
import { randomMoment } from './common.ts';

export const state: Fault = {
  name: 'state',
  title: '`kill -9` of all processors at once; states rebuilt from the changelogs, then from 100 MB',
  async *inject(rig, { times, isOver }) {
    for (let round = 0; round < times && !isOver(); round++) yield await loseState(rig);
  },
  async afterwards(rig) {
    const differences = await judgeStates(rig);
    await restoreMuch(rig);
    return differences;
  },
};

async function loseState(rig: ChaosRig): Promise<Injection> {
  await randomMoment(rig, ...stepNames);
  const busy = stepNames.map((step) => ({ step, partitions: rig.progress.busy(step) }));
  const members = stepNames.flatMap((step) => rig.fleet.of(step));
  const since = Date.now();
  await Promise.all(members.map((member) => member.kill()));
  await sleep(500);
  for (const member of members) member.start();
  const recoveries = await Promise.all(
    busy.map(({ step, partitions }) => rig.progress.recovery(step, partitions, since, 120_000)),
  );
  await Promise.all(members.map((member) => member.untilRunning()));
  return { what: `${members.length} processors killed at once`, recovery: Math.max(...recoveries) };
}

async function judgeStates(rig: ChaosRig): Promise<string[]> {
  const differences: string[] = [];
  for (const step of statefulSteps) {
    const { committed, expected } = await compareStates(rig.kafka, rig.definition, step);
    const keys = new Set([...committed.keys(), ...expected.keys()]);
    const wrong = [...keys].filter((key) => committed.get(key) !== expected.get(key));
    rig.note(
      `${step}: by hash, the states of ${keys.size - wrong.length} of ${keys.size} keys equal those of an undisturbed run`,
    );
    if (wrong.length > 0)
      differences.push(`${step}: the states of ${wrong.join(', ')} differ from those of an undisturbed run`);
    if (expected.size === 0) differences.push(`${step} has no state at all`);
  }
  return differences;
}

/** Size of a changelog that has not been compacted for long. A compacted one is small, because there are few keys. */
const bulkBytes = 100 * 1024 ** 2;
const bulkKeys = 400;
const longestMs = 120_000;

async function restoreMuch(rig: ChaosRig): Promise<void> {
  const members = rig.fleet.of('features');
  await Promise.all(members.map((member) => member.kill()));
  await fillChangelog(rig);
  const { megabytes, seconds } = await measureRestore(rig);
  const since = Date.now();
  for (const member of members) member.start();
  await Promise.all(members.map((member) => member.untilRunning(longestMs)));
  const ran = (Date.now() - since) / 1000;
  rig.note(
    `a features changelog of ${megabytes.toFixed(0)} MB restored at ${((100 * seconds) / megabytes).toFixed(2)} s per 100 MB; ` +
      `two processors ran ${ran.toFixed(1)} s after they were started on it`,
  );
}

/** Fills the changelog with copies of an existing state, under new keys. */
async function fillChangelog({ kafka }: ChaosRig): Promise<void> {
  const topic = kafka.topics.featuresChangelog;
  const parts = await newestParts(kafka, topic);
  const producer = await kafka.transport.producer();
  try {
    for (let bytes = 0, count = 0; bytes < bulkBytes; count++) {
      const key = `bulk/${count % bulkKeys}`;
      const records = [...parts].map(([part, value]) => ({ topic, key: partKey(key, part), value }));
      await producer.send(records);
      for (const value of parts.values()) bytes += value.length;
    }
  } finally {
    await producer.close();
  }
}

/** The parts of the state whose key comes last. */
async function newestParts(kafka: ChaosRig['kafka'], topic: string): Promise<ReadonlyMap<string, Buffer>> {
  const byKey = new Map<string, Map<string, Buffer>>();
  for await (const { records } of readTopic(kafka.transport, topic))
    for (const { key: recordKey, value } of records) {
      const [key, part] = splitPartKey(recordKey?.toString() ?? '');
      const parts = byKey.get(key) ?? new Map<string, Buffer>();
      if (value !== null) byKey.set(key, parts.set(part, value));
    }
  const newest = [...byKey.values()].at(-1);
  if (newest === undefined) throw new Error(`${topic} holds no state`);
  return newest;
}

/** Times the restore with the same code that a task uses. */
async function measureRestore(
  rig: ChaosRig,
): Promise<{ readonly megabytes: number; readonly seconds: number }> {
  const { kafka, definition } = rig;
  const { step, state } = processorFor('features', {
    definition,
    serde: kafka.serde,
    topics: kafka.topics,
    models: withoutModels,
  });
  const partitions = await kafka.transport.partitionCount(kafka.topics.featuresChangelog);
  const began = performance.now();
  let bytes = 0;
  for (let partition = 0; partition < partitions; partition++) {
    // The keys of the copies are no assets, so the step would accept none of them.
    const store = new StateStore({ create: (key) => step.create(key) }, state, partition);
    bytes += (await store.restore(kafka.transport)).bytes;
  }
  return { megabytes: bytes / 1024 ** 2, seconds: (performance.now() - began) / 1000 };
}
