/** The step alert: reads predictions and reports of drift and live quality; writes the transitions of each alarm. */
import { createHash } from 'node:crypto';
import { isKnownAsset, isPutBack } from '../../processes/plant.ts';
import type { ProcessDefinition } from '../../processes/schema.ts';
import type { Alert } from '../../schemas/generated/types.ts';
import { absorbed, drop, type Outcome, type Output, type Step } from '../../stream/index.ts';
import {
  advanceLifecycle,
  isOpen,
  normal,
  restartDelays,
  type LifecycleState,
  type Transition,
} from './lifecycle.ts';
import { compileRules, type AlertInput, type Rule } from './rules.ts';
import { createAlertState, type AlertState } from './state.ts';

export type { AlertInput };
export type AlertOutput = Output<'alerts', Alert>;
export type AlertStep = Step<AlertInput, AlertOutput, AlertState>;

/** The alert's id, 24 hex digits. It depends only on the arguments, so a repeated record has the same id. */
export const alertId = (asset: string, rule: string, raisedAt: number): string =>
  createHash('sha256')
    .update(JSON.stringify([asset, rule, raisedAt]))
    .digest('hex')
    .slice(0, 24);

export function alertStep(definition: ProcessDefinition): AlertStep {
  const rules = compileRules(definition);
  const known = new Set(rules.map((rule) => rule.definition.id));
  const isAsset = (key: string): boolean => isKnownAsset(definition, key);

  return {
    name: 'alert',
    accepts: isAsset,
    create: createAlertState,
    process({ input, key, timestamp }, state): Outcome<AlertOutput> {
      const { asset, eventTime } = input.value;
      if (key !== asset || !isAsset(key)) return drop('UNKNOWN_ASSET');
      if (input.from === 'predictions') {
        if (eventTime <= state.latest && !isPutBack(definition, state.latest, eventTime))
          return drop('OUT_OF_ORDER');
        state.latest = eventTime;
      }
      const records: AlertOutput[] = [];
      const put = (value: Alert): void => {
        records.push({ to: 'alerts', key: asset, timestamp, value });
      };
      for (const [rule, alarm] of state.alarms) {
        if (known.has(rule)) continue;
        state.alarms.delete(rule);
        if (isOpen(alarm)) put(endWithoutRule(rule, alarm, input, definition.process));
      }
      for (const rule of rules) {
        const value = rule.valueIn(input);
        if (value === undefined) continue;
        const alarm = state.alarms.get(rule.definition.id) ?? normal();
        if (input.from !== 'quality' && isPutBack(definition, alarm.knownAt, eventTime))
          restartDelays(alarm, eventTime);
        // `state.latest` covers predictions only. A rule watches one kind of record, so this check covers the reports.
        if (eventTime <= alarm.knownAt) continue;
        for (const transition of advanceLifecycle(alarm, value, eventTime, rule.limitsIn(input))) {
          put(alert(rule, alarm, transition, value, input));
          alarm.step++;
        }
        state.alarms.set(rule.definition.id, alarm);
      }
      return records.length === 0 ? absorbed : { kind: 'emit', records };
    },
  };
}

function alert(
  rule: Rule,
  alarm: LifecycleState,
  transition: Transition,
  value: number,
  input: AlertInput,
): Alert {
  const { id, priority, on } = rule.definition;
  const { asset, eventTime, bundle } = input.value;
  const { raisedAt, peak, limit, step } = alarm;
  return {
    id: alertId(asset, id, raisedAt),
    asset,
    rule: id,
    priority,
    transition,
    step,
    eventTime,
    raisedAt,
    value,
    peak,
    limit,
    message: `${message(rule, transition, value, alarm)}${transition === 'RAISED' ? whereOf(input) : ''}`,
    contributions: on === 'probability' && input.from === 'predictions' ? input.value.contributions : [],
    bundle,
    piece: input.from === 'predictions' ? input.value.piece : {},
    actor: null,
  };
}

/**
 * The end of an alarm whose rule the definition does not have any more: no value can bring it back to normal. Priority and
 * value are the rule's to say, so the record has the lowest priority and the peak.
 */
function endWithoutRule(
  rule: string,
  { raisedAt, knownAt, peak, limit, step }: LifecycleState,
  input: AlertInput,
  process: string,
): Alert {
  const { asset, eventTime, bundle } = input.value;
  return {
    id: alertId(asset, rule, raisedAt),
    asset,
    rule,
    priority: 'LOW',
    transition: 'CLEARED',
    step,
    eventTime: Math.max(eventTime, knownAt),
    raisedAt,
    value: peak,
    peak,
    limit,
    message: `The process ${process} has no rule ${rule} any more, so this alarm ends. It may not have returned to normal.`,
    contributions: [],
    bundle,
    piece: input.from === 'predictions' ? input.value.piece : {},
    actor: null,
  };
}

function message(
  { definition, title, inWords }: Rule,
  transition: Transition,
  value: number,
  { limit, peak }: LifecycleState,
): string {
  if (transition === 'RAISED')
    return `${definition.title}: ${title} is ${inWords(value)}, limit ${inWords(limit)}. ${definition.message}`;
  return `${definition.title}: ${title} is back to ${inWords(value)}; it went to ${inWords(peak)}, limit ${inWords(limit)}.`;
}

/** Names the place of the strongest drift; empty for other records. */
function whereOf(input: AlertInput): string {
  const [first] = input.from === 'drift' ? input.value.strongest : [];
  return first === undefined ? '' : ` Most of all: ${first.text}.`;
}
