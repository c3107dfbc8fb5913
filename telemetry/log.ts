/** Logs: pino in the Elastic Common Schema, one JSON object per line on stderr. */
import { ecsFormat } from '@elastic/ecs-pino-format';
import { pino, type LogFn, type Logger } from 'pino';
import { messageOf } from '../base/text.ts';
import { Repeats } from './repeats.ts';

export type { Logger };

/**
 * Warnings and errors that repeat are written at growing intervals, with their number (`repeats.ts`); with the level `debug`
 * or `trace`, all are.
 * @param role what this process does (`process`, `sink`, `gateway` …); becomes `service.name`.
 */
export function createLogger(role: string, level: string = process.env['LOG_LEVEL'] ?? 'info'): Logger {
  const isComplete = level === 'debug' || level === 'trace';
  return pino(
    {
      ...ecsFormat({ serviceName: `castwatch-${role}` }),
      level,
      ...(isComplete ? {} : { hooks: { logMethod: writeSeldom } }),
    },
    pino.destination({ fd: 2, sync: true }),
  );
}

/** Shared by all loggers of the process: they write to one place. */
const repeats = new Repeats();
process.once('exit', () => {
  repeats.flush();
});

/** pino's number for `warn`; errors have larger ones. Lines below it are events, which are all written. */
const warning = 40;

function writeSeldom(this: Logger, args: Parameters<LogFn>, method: LogFn, level: number): void {
  if (level < warning) {
    method.apply(this, args);
    return;
  }
  const [first, ...rest]: readonly unknown[] = args;
  const [fields, words] = isFields(first) ? [first, rest] : [{}, [first, ...rest]];
  repeats.line(kindOf(level, fields, words), (count) => {
    Reflect.apply(method, this, count === undefined ? args : [{ ...fields, ...count }, ...words]);
  });
}

const isFields = (first: unknown): first is Record<string, unknown> =>
  typeof first === 'object' && first !== null && !(first instanceof Error);

/** They differ from one line to the next of the same kind. */
const passing = new Set(['memberId', 'stack', 'timestamp']);
/** What went wrong, in words with ports, offsets and ids: a number makes no other kind of it. */
const reasons = new Set(['cause', 'error', 'err']);
const longestKind = 500;

/** Lines of one kind say the same of the same thing: in the same words, but for numbers, with the same names. */
function kindOf(level: number, fields: Record<string, unknown>, words: readonly unknown[]): string {
  const parts = [String(level), ...words.slice(0, 1).map(inGeneral)];
  for (const [name, value] of Object.entries(fields)) {
    if (reasons.has(name)) parts.push(inGeneral(value));
    else if (name === 'partition' || (typeof value === 'string' && !passing.has(name)))
      parts.push(`${name}=${String(value)}`);
  }
  return parts.join('|').slice(0, longestKind);
}

/** Without ids and numbers. */
const inGeneral = (reason: unknown): string =>
  messageOf(reason)
    .replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, '#')
    .replaceAll(/\d+/g, '#');
