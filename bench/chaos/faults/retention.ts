/**
 * Records are deleted while their reader is stopped, as retention does when a role is away for too long. Validate must stop
 * and name them, until an operator accepts the gap. Predict and the sink must go on and name them. In the end, what is
 * missing must be exactly what follows from the named records, and the oracle must find no other difference.
 */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { until } from '../../../base/retry.ts';
import { describeMissing, type MissingRecords } from '../../../proof/missing-records.ts';
import type { Reconciliation } from '../../../proof/reconcile.ts';
import { entries, mainInput, stepsReading } from '../../../processors/topology.ts';
import { onGapOf, type RawRecord, type StepGap, type TopicPartition } from '../../../stream/index.ts';
import { sinkGroup, stepGroup } from '../../../roles/shared-names.ts';
import { topics as catalogue, type TopicId } from '../../../schemas/catalogue.ts';
import { readPositions } from '../../../sinks/timescale/writing/positions.ts';
import type { Fault, Injection } from '../fault.ts';
import type { ChaosRig } from '../rig/chaos-rig.ts';
import { deleteRecords } from '../rig/delete-records.ts';
import type { ReaderName } from '../rig/fleet.ts';
import type { Member } from '../rig/fleet-member.ts';
import { randomMoment } from './common.ts';

/** A step that stops at a gap, one that goes on, and the sink. */
const hitReaders = ['validate', 'predict', 'sink'] as const satisfies readonly ReaderName[];
type HitReader = (typeof hitReaders)[number];
/** Number of records of a partition that a reader never gets. */
const fewest = 3;
const most = 12;
const cli = join(import.meta.dirname, '../../../cli/castwatch.ts');
const run = promisify(execFile);

/** Records that were deleted before their reader read them. */
interface Loss {
  readonly reader: HitReader;
  readonly source: TopicPartition;
  readonly from: number;
  readonly to: number;
}

const losses = new WeakMap<ChaosRig, Loss[]>();

export const retention: Fault = {
  name: 'retention',
  title:
    'records deleted while their reader is stopped: validate stands still until an operator accepts the gap; predict and the sink go on',
  deletes: true,
  async *inject(rig, { times, isOver }) {
    for (let round = 0; round < times; round++)
      for (const reader of hitReaders) {
        if (isOver()) return;
        yield await deleteBeforeItReads(rig, reader);
      }
  },
  afterwards: (rig, result) => Promise.resolve(exactlyThose(rig, result)),
};

async function deleteBeforeItReads(rig: ChaosRig, reader: HitReader): Promise<Injection> {
  await randomMoment(rig, reader);
  const topic = reader === 'sink' ? 'predictions' : mainInput(reader);
  const partition = await pickPartition(rig, reader, topic);
  const source = { topic: rig.kafka.topics[topic], partition };
  const members = rig.fleet.of(reader);
  const drained = await Promise.all(members.map((member) => member.drain()));
  const from = (await positionOf(rig, reader, source)) ?? 0;
  const { to, lost } = await chooseEnd(rig, source, from);
  await untilOthersAreBeyond(rig, reader, topic, source, to);
  const { kafka, deleted, stack } = rig;
  await deleteRecords({ brokers: stack.kafkaBrokers, transport: kafka.transport, deleted }, source, to);
  const loss = { reader, source, from, to };
  losses.set(rig, [...(losses.get(rig) ?? []), loss]);

  const stops = reader !== 'sink' && onGapOf(entries[reader]) === 'stop';
  const began = Date.now();
  for (const member of members) member.start();
  const violations = stops ? await standStill(members, loss) : await goOn(members, loss);
  const accepted = stops ? await acceptGap(rig, loss) : { since: began, violations: [] };
  const held = reader === 'sink' ? `${source.topic}/${partition}` : String(partition);
  const recovery = await rig.progress.recovery(reader, [held], accepted.since);
  await Promise.all(members.map((member) => member.untilRunning()));
  return {
    what: `${lost} records of ${topic} deleted before ${reader} read them (offsets ${from} to ${to - 1}); it ${stops ? 'stopped until the gap was accepted' : 'went on'}`,
    recovery,
    violations: [
      ...(drained.every(({ inOrder }) => inOrder) ? [] : [`${reader} did not end cleanly`]),
      ...violations,
      ...accepted.violations,
    ],
  };
}

async function pickPartition(rig: ChaosRig, reader: HitReader, topic: TopicId): Promise<number> {
  const name = rig.kafka.topics[topic];
  const busy = (): readonly string[] =>
    reader === 'sink'
      ? rig.progress
          .busy('sink')
          .flatMap((each) => (each.startsWith(`${name}/`) ? [each.slice(name.length + 1)] : []))
      : rig.progress.busy(reader);
  await until(
    () => `${reader} to have work in ${name}`,
    () => busy().length > 0,
    { timeout: 90_000 },
  );
  const partitions = busy();
  return Number(partitions[rig.random.below(partitions.length)]);
}

async function positionOf(
  { kafka, pool }: ChaosRig,
  reader: ReaderName,
  { topic, partition }: TopicPartition,
): Promise<number | undefined> {
  if (reader !== 'sink')
    return (await kafka.transport.committedOffsets(stepGroup(kafka.prefix, reader), topic)).get(partition);
  const positions = await readPositions(pool, sinkGroup(kafka.prefix));
  return positions.find((each) => each.topic === topic && each.partition === partition)?.nextOffset;
}

/** Waits until enough records are there that the reader has not read. */
async function chooseEnd(
  rig: ChaosRig,
  source: TopicPartition,
  from: number,
): Promise<{ readonly to: number; readonly lost: number }> {
  const lost = fewest + rig.random.below(most - fewest + 1);
  let waiting: readonly RawRecord[] = [];
  await until(
    () => `${lost + 1} records from offset ${from} on in ${source.topic}/${source.partition}`,
    async () => {
      const found: RawRecord[] = [];
      await rig.kafka.transport.read(
        source,
        (records) => {
          found.push(...records);
        },
        { from, to: Infinity },
      );
      waiting = found;
      return found.length > lost;
    },
    { timeout: 60_000 },
  );
  return { to: waiting[lost]?.offset ?? from, lost };
}

/** Only one reader is to lose records: the others must have read them. */
async function untilOthersAreBeyond(
  rig: ChaosRig,
  reader: HitReader,
  topic: TopicId,
  source: TopicPartition,
  to: number,
): Promise<void> {
  const all: readonly ReaderName[] = [
    ...stepsReading(topic),
    ...(catalogue[topic].stored === true ? (['sink'] as const) : []),
  ];
  for (const other of all.filter((each) => each !== reader))
    await until(
      () => `${other} to be at offset ${to} of ${source.topic}/${source.partition}`,
      async () => ((await positionOf(rig, other, source)) ?? 0) >= to,
      { timeout: 60_000 },
    );
}

const namedRange = ({ source, from, to }: Loss): string =>
  `has not processed offsets ${from} to ${to - 1} of ${source.topic}/${source.partition}`;

/** The member with the partition must be halted, say so, and not be ready. */
async function standStill(members: readonly Member[], loss: Loss): Promise<readonly string[]> {
  const named = `${loss.reader} ${namedRange(loss)}`;
  const halted = (): Member | undefined => members.find(({ status }) => status?.halted === true);
  await until(
    () => `${loss.reader} to stop at the gap`,
    () => halted() !== undefined,
    { timeout: 60_000 },
  );
  const member = halted();
  const problems = member?.status?.problems.join('; ') ?? '';
  const ready = await member?.askReady();
  return [
    ...(problems.includes(named) ? [] : [`the status does not name the gap: ${problems}`]),
    ...(ready?.status === 503 && ready.text.includes(named)
      ? []
      : [`/ready does not refuse with the gap: ${ready?.status ?? 'no answer'} ${ready?.text ?? ''}`]),
  ];
}

/** The member with the partition must say so, and be ready. */
async function goOn(members: readonly Member[], loss: Loss): Promise<readonly string[]> {
  const named = namedRange(loss);
  await Promise.all(members.map((member) => member.untilRunning()));
  const naming = (): Member | undefined =>
    members.find(({ status }) => status?.problems.some((problem) => problem.includes(named)));
  await until(
    () => `${loss.reader} to name the gap`,
    () => naming() !== undefined,
    { timeout: 60_000 },
  );
  const ready = await naming()?.askReady();
  return ready?.status === 200 && ready.text.includes(named)
    ? []
    : [`/ready does not name the gap: ${ready?.status ?? 'no answer'} ${ready?.text ?? ''}`];
}

/** As an operator does it. */
async function acceptGap(
  rig: ChaosRig,
  loss: Loss,
): Promise<{ readonly since: number; readonly violations: readonly string[] }> {
  const gaps = async (...words: readonly string[]): Promise<readonly StepGap[]> => {
    const { stdout } = await run(process.execPath, [cli, 'gaps', ...words, '--json'], {
      env: { ...process.env, ...rig.env, LOG_LEVEL: 'error' },
      timeout: 60_000,
    });
    const lines = stdout.split('\n').filter((line) => line !== '');
    return lines.map((line) => JSON.parse(line) as StepGap);
  };
  const open = (await gaps('list')).filter(({ state }) => state === 'open');
  const since = Date.now();
  const accepted = await gaps('accept', '--why', 'the records are gone');
  const expected = inWords(loss);
  const found = (some: readonly StepGap[]): string =>
    some
      .map(({ step, source, gap: { from, to } }) =>
        inWords({ reader: step, source, from, to: to ?? Number.NaN }),
      )
      .join('; ');
  return {
    since,
    violations: [
      ...(found(open) === expected ? [] : [`the open gaps are ${found(open)}, not ${expected}`]),
      ...(found(accepted) === expected ? [] : [`accepted was ${found(accepted)}, not ${expected}`]),
    ],
  };
}

const inWords = ({
  reader,
  source: { topic, partition },
  from,
  to,
}: Omit<Loss, 'reader'> & { readonly reader: string }): string =>
  `${reader}: ${topic}/${partition} ${from} to ${to - 1}`;

/** The verdict must name exactly what was deleted. That nothing else differs is for the oracle to find. */
function exactlyThose(rig: ChaosRig, { missing }: Reconciliation): string[] {
  const deleted = new Set((losses.get(rig) ?? []).map(inWords));
  const asLoss = ({ reader, source, gap: { from, to } }: MissingRecords): string =>
    inWords({ reader, source, from, to: to ?? Number.NaN });
  const named = new Set(missing.map(asLoss));
  for (const each of missing) rig.note(describeMissing(each));
  return [
    ...[...deleted].filter((each) => !named.has(each)).map((each) => `the verdict does not name ${each}`),
    ...[...named].filter((each) => !deleted.has(each)).map((each) => `the verdict names ${each}`),
  ];
}
