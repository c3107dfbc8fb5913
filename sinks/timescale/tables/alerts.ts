/** One transition of each alarm; the rows of one alert share an id. */
import type { Alert } from '../../../schemas/generated/types.ts';
import { publishedAt, rowPerRecord } from '../columns/define-table.ts';
import { notes } from '../columns/notes.ts';
import type { StoredReasons } from './stored-reasons.ts';

const { key, column, optional, table } = rowPerRecord<Alert>();

export const alertsTable = table('alerts', 'One transition of an alarm (ISA-18.2).', [
  key('id', 'text', (alert) => alert.id, {
    comment:
      'Id of the alert: a hash of asset, rule and the time of RAISED, so a repeated record has the same id.',
  }),
  key('step', 'integer', (alert) => alert.step, {
    comment: 'Index of the transition: 0 for RAISED, then counting up.',
  }),
  key('event_time', 'time', (alert) => alert.eventTime, {
    comment: 'When the transition happened, by the clock of the readings.',
  }),
  column('asset', 'text', (alert) => alert.asset, notes.asset),
  column('rule', 'text', (alert) => alert.rule, { comment: 'Id of the rule in the process definition.' }),
  column('priority', 'text', (alert) => alert.priority, {
    comment: 'Priority of the rule: LOW, MEDIUM, HIGH or CRITICAL.',
  }),
  column('transition', 'text', (alert) => alert.transition, {
    comment: 'RAISED, RETURNED_TO_NORMAL or CLEARED.',
  }),
  column('raised_at', 'time', (alert) => alert.raisedAt, {
    comment: 'When the alarm was raised, by the clock of the readings.',
  }),
  column('value', 'double', (alert) => alert.value, {
    unit: "the rule's",
    comment: 'The watched value at this transition.',
  }),
  column('peak', 'double', (alert) => alert.peak, {
    unit: "the rule's",
    comment: 'The value of the excursion that was furthest beyond the limit.',
  }),
  column('limit', 'double', (alert) => alert.limit, {
    unit: "the rule's",
    comment: 'The limit at the time of RAISED.',
  }),
  column('message', 'text', (alert) => alert.message, {
    comment: 'The text for the operator, in plant words.',
  }),
  column('contributions', 'json', (alert): StoredReasons => alert.contributions, {
    comment:
      'The reasons of the prediction, the strongest first; empty for rules that do not watch the probability.',
  }),
  column('bundle', 'text', (alert) => alert.bundle, {
    comment: 'Id of the bundle whose prediction or report caused the transition.',
  }),
  column('piece', 'json', (alert) => alert.piece, notes.piece),
  optional('actor', 'text', (alert) => alert.actor, {
    comment: 'Who made the transition; null when the rule made it.',
  }),
  publishedAt,
]);
