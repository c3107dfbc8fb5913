/** Keeps alarms: predictions in; the transitions of each alarm out, one excursion being one alert. */
import { createHash } from 'node:crypto';
import type { ProcessDefinition } from '../../processes/schema.ts';
import type { Alert, Prediction } from '../../schemas/generated/types.ts';
import { absorbed, drop, type Input, type Outcome, type Output, type Step } from '../../stream/step.ts';
import { advance, normal, type AlarmState, type Transition } from './lifecycle.ts';
import { compileRules, type Rule } from './rules.ts';
import { createAlertState, type AlertState } from './state.ts';

export type AlertInput = Input<'predictions', Prediction>;
export type AlertOutput = Output<'alerts', Alert>;
export type AlertStep = Step<AlertInput, AlertOutput, AlertState>;

/** The same alarm has the same id wherever it is computed. 24 hex digits. */
export const alertId = (asset: string, rule: string, raisedAt: number): string =>
  createHash('sha256')
    .update(JSON.stringify([asset, rule, raisedAt]))
    .digest('hex')
    .slice(0, 24);

export function alertStep(definition: ProcessDefinition): AlertStep {
  const rules = compileRules(definition);

  return {
    name: 'alert',
    create: createAlertState,
    process({ input, timestamp }, state): Outcome<AlertOutput> {
      const prediction = input.value;
      const { asset, eventTime } = prediction;
      if (eventTime <= state.latest) return drop('OUT_OF_ORDER');
      state.latest = eventTime;
      const records: AlertOutput[] = [];
      for (const rule of rules) {
        const alarm = state.alarms.get(rule.definition.id) ?? normal();
        const value = rule.valueIn(prediction);
        for (const transition of advance(alarm, value, eventTime, rule.limitsIn(prediction))) {
          records.push({
            to: 'alerts',
            key: asset,
            timestamp,
            value: alert(rule, alarm, transition, value, prediction),
          });
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
  alarm: AlarmState,
  transition: Transition,
  value: number,
  prediction: Prediction,
): Alert {
  const { id, priority, on } = rule.definition;
  const { asset, eventTime, bundle, piece, contributions } = prediction;
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
    message: message(rule, transition, value, alarm),
    contributions: on === 'probability' ? contributions : [],
    bundle,
    piece,
    actor: null,
  };
}

function message(
  { definition, title, inWords }: Rule,
  transition: Transition,
  value: number,
  { limit, peak }: AlarmState,
): string {
  if (transition === 'RAISED')
    return `${definition.title}: ${title} is ${inWords(value)}, limit ${inWords(limit)}. ${definition.message}`;
  return `${definition.title}: ${title} is back to ${inWords(value)}; it went to ${inWords(peak)}, limit ${inWords(limit)}.`;
}
