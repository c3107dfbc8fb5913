/** Checks one tag of a reading, repairs it where the definition allows it, and records what was done. */
import { duration } from '../../base/text.ts';
import type { Tag } from '../../processes/schema.ts';
import type {
  Measurement,
  Rejection,
  Treatment,
  ValidatedMeasurement,
} from '../../schemas/generated/types.ts';
import { checkAnomaly, checkRate, checkStuck, checkValue, withUnit, type Finding } from './checks.ts';
import { fieldsPerTag, of, type TagStates } from './state.ts';

export interface ScanContext {
  /** Event time, ms since the epoch. */
  readonly time: number;
  /** False when a later reading came before. Then only the value itself is checked, and no state changes. */
  readonly inOrder: boolean;
  readonly period: number;
  readonly states: TagStates;
  readonly findings: Rejection[];
}

/** @param index of the tag in the definition */
export function judgeTag(
  tag: Tag,
  index: number,
  measurement: Measurement | undefined,
  scan: ScanContext,
): ValidatedMeasurement {
  const { time, inOrder, period, states } = scan;
  const value = measurement?.value ?? NaN;
  const fault =
    checkValue(tag, measurement) ??
    (inOrder
      ? (checkStuck(tag, index, value, time, period, states) ??
        checkRate(tag, index, value, time, period, states))
      : undefined);
  if (fault) return repair(tag, index, measurement, fault, scan);
  if (!inOrder) return keep(tag, value, uncertain(tag, measurement), scan);
  const anomaly = checkAnomaly(tag, index, value, states);
  states.fields[index * fieldsPerTag + of.good] = value;
  states.fields[index * fieldsPerTag + of.goodAt] = time;
  if (anomaly) report(scan, tag, value, anomaly, 'FLAGGED');
  const doubt = uncertain(tag, measurement);
  if (doubt) report(scan, tag, value, doubt, 'FLAGGED');
  return kept(tag, value, anomaly ?? doubt);
}

const uncertain = (tag: Tag, measurement: Measurement | undefined): Finding | undefined =>
  measurement?.quality === 'UNCERTAIN'
    ? { reason: 'QUALITY', detail: `the source marks ${tag.title} as UNCERTAIN` }
    : undefined;

function keep(tag: Tag, value: number, doubt: Finding | undefined, scan: ScanContext): ValidatedMeasurement {
  if (doubt) report(scan, tag, value, doubt, 'FLAGGED');
  return kept(tag, value, doubt);
}

const kept = (tag: Tag, value: number, doubt: Finding | undefined): ValidatedMeasurement => ({
  tag: tag.id,
  value,
  quality: doubt ? 'UNCERTAIN' : 'GOOD',
  treatment: doubt ? 'FLAGGED' : 'MEASURED',
  reason: doubt?.reason ?? null,
});

/** Replaces a bad value with the last good one while that is recent enough. A stuck sensor's last good value is useless. */
function repair(
  tag: Tag,
  index: number,
  measurement: Measurement | undefined,
  fault: Finding,
  scan: ScanContext,
): ValidatedMeasurement {
  const { states, time, inOrder } = scan;
  const { reason } = fault;
  const at = index * fieldsPerTag;
  const age = time - (states.fields[at + of.goodAt] ?? NaN);
  const held =
    inOrder && reason !== 'STUCK' && age <= tag.hold ? (states.fields[at + of.good] ?? null) : null;
  const treatment: Treatment = held === null ? 'MISSING' : 'HELD';
  // An absent optional tag is no finding: the measurement itself says ABSENT.
  if (tag.required || reason !== 'ABSENT') {
    const standIn =
      held === null
        ? ''
        : `; its last good value, ${withUnit(held, tag)} of ${duration(age)} before, is used instead`;
    report(scan, tag, measurement?.value ?? null, { reason, detail: fault.detail + standIn }, treatment);
  }
  return { tag: tag.id, value: held, quality: held === null ? 'BAD' : 'UNCERTAIN', treatment, reason };
}

function report(
  { findings }: ScanContext,
  tag: Tag,
  value: number | null,
  { reason, detail }: Finding,
  treatment: Treatment,
): void {
  findings.push({ tag: tag.id, value, reason, treatment, detail });
}
