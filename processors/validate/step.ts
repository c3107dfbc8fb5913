/** The step validate: reads sensor-readings; writes validated-readings, and rejected-readings with reasons. */
import { duration } from '../../base/text.ts';
import { isKnownAsset } from '../../processes/plant.ts';
import type { ProcessDefinition } from '../../processes/schema.ts';
import type {
  Measurement,
  RejectedReading,
  Rejection,
  SensorReading,
  ValidatedMeasurement,
  ValidatedReading,
} from '../../schemas/generated/types.ts';
import {
  emit,
  type Emitted,
  type Input,
  type Outcome,
  type Output,
  type Step,
  type StepRecord,
} from '../../stream/index.ts';
import { isClockReset, putClockBack, whyOf } from './clock.ts';
import { isoTime, isOwnAsset, refusal } from './order.ts';
import { recentShape } from './recent-values.ts';
import { createValidateState, type ValidateState } from './state.ts';
import { judgeTag, type ScanContext } from './tags.ts';

export type ValidateInput = Input<'readings', SensorReading>;
export type ValidateOutput = Output<'validated', ValidatedReading> | Output<'rejected', RejectedReading>;
export type ValidateStep = Step<ValidateInput, ValidateOutput, ValidateState>;

type ReadingRecord = StepRecord<ValidateInput>;

/** The most findings that a rejection lists; one more finding counts the rest. */
const maxFindings = 100;

export function validateStep(definition: ProcessDefinition): ValidateStep {
  const { tags, time } = definition;
  const tagIndex = new Map(tags.map((tag, index) => [tag.id, index]));
  const counted = tags.map((tag) => tag.required);
  const countedTotal = counted.filter(Boolean).length;
  const recent = recentShape(tags.map(({ anomaly }) => anomaly?.window));
  /** Reused, because nearly always nothing is evicted. */
  const evicted: string[] = [];
  const byTag = new Array<Measurement | undefined>(tags.length);

  /** Sorts the measurements into `byTag`. Unknown and repeated tags become findings. */
  function sortIn(reading: SensorReading, findings: Rejection[]): void {
    byTag.fill(undefined);
    const { measurements } = reading;
    for (let position = 0; position < measurements.length; position++) {
      const measurement = measurements[position];
      if (measurement === undefined) continue;
      const { tag, value } = measurement;
      const index = tags[position]?.id === tag ? position : tagIndex.get(tag);
      if (index === undefined) {
        const detail = `the process ${definition.process} has no tag ${tag}`;
        findings.push({ tag, value, reason: 'UNKNOWN_TAG', treatment: 'DROPPED', detail });
      } else if (byTag[index] !== undefined) {
        const detail = `${tag} is in the reading twice; the first counts`;
        findings.push({ tag, value, reason: 'DUPLICATE', treatment: 'DROPPED', detail });
      } else {
        byTag[index] = measurement;
      }
    }
  }

  function judgeTags(scan: ScanContext): {
    measurements: readonly ValidatedMeasurement[];
    completeness: number;
  } {
    const measurements = new Array<ValidatedMeasurement>(tags.length);
    let measured = 0;
    for (let index = 0; index < tags.length; index++) {
      const tag = tags[index];
      if (tag === undefined) continue;
      const measurement = judgeTag(tag, index, byTag[index], scan);
      measurements[index] = measurement;
      const { treatment } = measurement;
      if (counted[index] && (treatment === 'MEASURED' || treatment === 'FLAGGED')) measured++;
    }
    return { measurements, completeness: measured / countedTotal };
  }

  /** The command goes on to the step features, which has a clock of its own. A finding says what was done, and why. */
  function resetClock(record: ReadingRecord, state: ValidateState): Emitted<ValidateOutput> {
    const reading = record.input.value;
    const { asset, eventTime, sequence, source } = reading;
    const before = Number.isFinite(state.latest) ? isoTime(state.latest) : 'no reading';
    putClockBack(definition, eventTime, state);
    const detail = `the clock of ${asset} was put from ${before} to about ${isoTime(eventTime)}, by ${whyOf(reading)}`;
    const finding: Rejection = { tag: null, value: null, reason: 'OTHER', treatment: 'FLAGGED', detail };
    const value = {
      asset,
      eventTime,
      sequence,
      source,
      completeness: 0,
      outOfOrder: false,
      measurements: [],
    };
    const validated: ValidateOutput = { to: 'validated', key: asset, timestamp: record.timestamp, value };
    return emit(validated, rejected(record, false, [finding]));
  }

  return {
    name: 'validate',
    accepts: (key) => isKnownAsset(definition, key),
    create: () => createValidateState(tags.length, recent),
    process(record, state): Outcome<ValidateOutput> {
      evicted.length = 0;
      const outcome = judge(record, state);
      return evicted.length === 0 ? outcome : { ...outcome, evicted: [...evicted] };
    },
  };

  function judge(record: ReadingRecord, state: ValidateState): Emitted<ValidateOutput> {
    const reading = record.input.value;
    if (isClockReset(reading) && isOwnAsset(definition, reading, record.key))
      return resetClock(record, state);
    const refused = refusal(definition, reading, record.key, record.timestamp, state, evicted);
    if (refused) return emit(rejected(record, true, [refused]));

    const findings: Rejection[] = [];
    const inOrder = reading.eventTime >= state.latest;
    sortIn(reading, findings);
    const scan = { time: reading.eventTime, inOrder, period: time.period, states: state.tags, findings };
    const { measurements, completeness } = judgeTags(scan);
    if (completeness === 0) {
      findings.unshift(nothing(countedTotal));
      return emit(rejected(record, true, findings));
    }
    if (inOrder) state.latest = reading.eventTime;
    else findings.unshift(outOfOrder(state.latest - reading.eventTime));

    const { asset, eventTime, sequence, source } = reading;
    const validated: ValidateOutput = {
      to: 'validated',
      key: asset,
      timestamp: record.timestamp,
      value: { asset, eventTime, sequence, source, completeness, outOfOrder: !inOrder, measurements },
    };
    return findings.length === 0 ? emit(validated) : emit(validated, rejected(record, false, findings));
  }
}

const nothing = (required: number): Rejection => ({
  tag: null,
  value: null,
  reason: 'COMPLETENESS',
  treatment: 'DROPPED',
  detail: `none of the ${required} required tags has a usable value`,
});

const outOfOrder = (behind: number): Rejection => ({
  tag: null,
  value: null,
  reason: 'OUT_OF_ORDER',
  treatment: 'FLAGGED',
  detail: `a reading ${duration(behind)} later was received before it`,
});

function rejected(record: ReadingRecord, dropped: boolean, findings: readonly Rejection[]): ValidateOutput {
  const { asset, eventTime, sequence, source } = record.input.value;
  const rejections = findings.length <= maxFindings ? findings : shortened(findings);
  return {
    to: 'rejected',
    key: record.key,
    timestamp: record.timestamp,
    reason: rejections[0]?.reason ?? 'OTHER',
    value: {
      asset,
      eventTime,
      sequence,
      source,
      inputPartition: record.partition,
      inputOffset: record.offset,
      dropped,
      rejections,
    },
  };
}

function shortened(findings: readonly Rejection[]): readonly Rejection[] {
  const more = findings.length - maxFindings;
  const detail = `${more} more findings in this reading are not listed`;
  return [
    ...findings.slice(0, maxFindings),
    { tag: null, value: null, reason: 'OTHER', treatment: 'DROPPED', detail },
  ];
}
