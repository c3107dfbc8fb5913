/**
 * Whether a role gets on, and what is wrong where it does not. A member that sends heartbeats is not ready for that: one whose
 * lag grows while it commits nothing is not.
 */
import {
  describeQuarantine,
  describeStall,
  describeStandstill,
  describeUnanswered,
} from '../base/standstill-text.ts';
import type { SinkHealth } from '../sinks/timescale/writing/sink-health.ts';
import type { Unaccepted } from '../sources/publish/publish.ts';
import type { LiveHealth } from '../sources/source.ts';
import type { AppStatus, LagWatch, StreamErrorCode } from '../stream/index.ts';
import type { RoleStatus } from './role.ts';

type Readiness = Omit<RoleStatus, 'detail'>;

export const stepsReadiness = (all: readonly AppStatus[]): Readiness => ({
  ready: all.every(isReady),
  halted: all.some(({ state }) => state === 'halted'),
  problems: [
    ...all.flatMap(({ quarantines }) => quarantines.map(describeQuarantine)),
    ...all.flatMap(problemsOf),
  ],
});

const isReady = ({ state, stalls, unanswered }: AppStatus): boolean =>
  (state === 'running' || state === 'waiting') && stalls.length === 0 && unanswered === undefined;

export function sinkReadiness(
  { state, problems, notices }: Pick<SinkHealth, 'state' | 'problems' | 'notices'>,
  { stalls, unanswered }: Pick<LagWatch, 'stalls' | 'unanswered'>,
): Readiness {
  const stuck = stalls.map((stall) => describeStall('sink', stall));
  if (unanswered !== undefined) stuck.push(describeUnanswered('the sink', unanswered));
  return {
    ready: state === 'running' && stuck.length === 0,
    halted: state === 'halted',
    problems: [...problems, ...stuck, ...notices],
  };
}

/** A live source that is silent is a problem of the plant. The role is ready as long as Kafka takes what it has. */
export const sourceReadiness = (
  health: Pick<LiveHealth, 'problem'> | undefined,
  unaccepted: Unaccepted | undefined,
): Readiness => ({
  ready: unaccepted === undefined,
  halted: false,
  problems: [
    ...(unaccepted === undefined ? [] : [describeUnaccepted(unaccepted)]),
    ...(health?.problem === undefined ? [] : [health.problem]),
  ],
});

const describeUnaccepted = ({ since, why }: Unaccepted): string =>
  `Kafka has not accepted records since ${new Date(since).toISOString()} (${why}): they wait, and are sent when it is back`;

/** What an operator can do about a task that stands still. */
const remedies: Partial<Record<StreamErrorCode, string>> = {
  RECORDS_LOST: '`castwatch gaps accept --why …` lets it go on without them.',
  TOPIC_REPLACED: '`castwatch gaps accept --why …` lets it begin with the new topic.',
  STATE_LOST: '`castwatch gaps accept --why …` lets it go on without that state.',
  POSITION_LOST:
    'It looks again every 10 s. If the position has really expired, `castwatch gaps accept --why …` lets it begin at the beginning.',
  STATE_UNREADABLE:
    'Restart it with the version that wrote the state, or when the changelog is complete again.',
  TOPIC_MISMATCH:
    '`castwatch topics repartition` moves the state of all steps to another number of partitions; see docs/operations.md.',
};

function problemsOf({
  steps,
  message,
  standstills,
  halts,
  notices,
  stalls,
  unanswered,
}: AppStatus): string[] {
  const name = steps.join(' → ');
  const remedy = [...new Set(halts.flatMap(({ code }) => remedies[code] ?? []))].join(' ');
  const isTold = standstills.length > 0 && halts.length === 0;
  return [
    ...standstills.map(describeStandstill),
    ...(message === undefined || isTold ? [] : [`${name}: ${message}${remedy === '' ? '' : `. ${remedy}`}`]),
    ...stalls.map((stall) => describeStall(stall.step, stall)),
    ...(unanswered === undefined ? [] : [describeUnanswered(name, unanswered)]),
    ...notices,
  ];
}
