/**
 * All processors killed at once: every state in memory is gone, and comes back from the changelogs. What they have in the
 * end is compared, state by state, with what undisturbed ones would have; and how long a large changelog takes is measured.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { readTopic } from '../../../cli/reconcile/read-topic.ts';
import { featuresProcessor, stepNames } from '../../../processors/wiring.ts';
import { StateStore } from '../../../stream/state-store.ts';
import type { ProducerRecord } from '../../../stream/index.ts';
import type { Fault, Injection } from '../fault.ts';
import type { Rig } from '../rig.ts';
import { changelogOf, committedStates, expectedStates, statefulSteps } from '../twin.ts';
import { randomMoment } from './common.ts';

export const state: Fault = {
  name: 'state',
  title: '`kill -9` of all processors at once; states rebuilt from the changelogs, then from 100 MB',
  async *inject(rig, { times, isOver }) {
    for (let round = 0; round < times && !isOver(); round++) yield await loseState(rig);
  },
  async afterwards(rig) {
    const differences = await compareStates(rig);
    await restoreMuch(rig);
    return differences;
  },
};

async function loseState(rig: Rig): Promise<Injection> {
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

async function compareStates(rig: Rig): Promise<string[]> {
  const differences: string[] = [];
  for (const step of statefulSteps) {
    const [had, expected] = await Promise.all([
      committedStates(rig.kafka, step),
      expectedStates(rig.kafka, rig.definition, step),
    ]);
    const keys = new Set([...had.keys(), ...expected.keys()]);
    const wrong = [...keys].filter((key) => had.get(key) !== expected.get(key));
    rig.note(
      `${step}: the states of ${keys.size - wrong.length} of ${keys.size} keys equal by hash those of an undisturbed run`,
    );
    if (wrong.length > 0)
      differences.push(`${step}: the states of ${wrong.join(', ')} are not as they should be`);
    if (expected.size === 0) differences.push(`${step} has no state at all`);
  }
  return differences;
}

/** Keys are few where changelogs are compacted in time; this is one that has not been for long. */
const bulkBytes = 100 * 1024 ** 2;
const bulkKeys = 400;
const longestMs = 120_000;

async function restoreMuch(rig: Rig): Promise<void> {
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

/** States that are there, over and over, under keys of their own. */
async function fillChangelog({ kafka }: Rig): Promise<void> {
  const topic = changelogOf(kafka, 'features');
  const states: Buffer[] = [];
  for await (const { records } of readTopic(kafka.transport, topic))
    for (const { value } of records.slice(-50)) if (value !== null) states.push(value);
  const producer = await kafka.transport.producer();
  try {
    let records: ProducerRecord[] = [];
    let waiting = 0;
    for (let bytes = 0, count = 0; bytes < bulkBytes; count++) {
      const value = states[count % states.length];
      if (value === undefined) throw new Error(`${topic} holds no state`);
      records.push({ topic, key: `bulk/${count % bulkKeys}`, value });
      bytes += value.length;
      waiting += value.length;
      if (waiting < 512 * 1024) continue;
      await producer.send(records);
      records = [];
      waiting = 0;
    }
    await producer.send(records);
  } finally {
    await producer.close();
  }
}

/** With the very code that a task restores its state by. */
async function measureRestore(rig: Rig): Promise<{ readonly megabytes: number; readonly seconds: number }> {
  const { kafka, definition } = rig;
  const { step, state } = featuresProcessor({ definition, serde: kafka.serde, topics: kafka.topics });
  const partitions = await kafka.transport.partitionCount(changelogOf(kafka, 'features'));
  const began = performance.now();
  let bytes = 0;
  for (let partition = 0; partition < partitions; partition++) {
    const store = new StateStore((key) => step.create(key), state, partition);
    bytes += (await store.restore(kafka.transport)).bytes;
  }
  return { megabytes: bytes / 1024 ** 2, seconds: (performance.now() - began) / 1000 };
}
