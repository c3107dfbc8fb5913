/** The source tail: follows a growing file with one reading per line, in the JSON form of POST /v1/readings. */
import { basename } from 'node:path';
import { pause } from '../../base/retry.ts';
import { messageOf } from '../../base/text.ts';
import type { ProcessDefinition } from '../../processes/schema.ts';
import { HealthTracker } from '../source-health.ts';
import { readingChecker } from '../json-reading.ts';
import { paddedRemedy, ProblemCounter, type InputProblem } from '../input-problems.ts';
import { keepPosition, readPosition } from '../position-file.ts';
import type { Live, LiveBatch, LiveRecord } from '../source.ts';
import { Follower, type Loss } from './follower.ts';
import { longestLine, type Line } from './lines.ts';
import { tailPosition } from './position.ts';

export interface TailOptions {
  readonly definition: ProcessDefinition;
  /** The file to follow. It may be missing at first. */
  readonly path: string;
  /** The file for the position. Its folder is created when missing. */
  readonly positionFile: string;
  /** Number of periods without a reading after which the source is silent; default 10. */
  readonly silentAfter?: number | undefined;
  readonly onProblem?: ((problem: InputProblem) => void) | undefined;
  /** ms between two reads of a file that does not grow; default 200. */
  readonly poll?: number;
  /** ms since the epoch. */
  readonly clock?: () => number;
}

export function createTail(options: TailOptions): Live {
  const { definition, path, positionFile, poll = 200, clock = Date.now } = options;
  const problems = new ProblemCounter(options.onProblem);
  const silentAfter = (options.silentAfter ?? 10) * definition.time.period;
  const health = new HealthTracker({ what: path, silentAfter, clock });
  const read = lineReader(definition, (line, reason, what, remedy) => {
    problems.report({ reason, file: path, line, what, remedy });
  });
  let given = 0;
  let last: number | undefined;

  async function* receive(signal: AbortSignal): AsyncGenerator<LiveBatch> {
    const onLoss = (reason: Loss, line: number, what: string): void => {
      problems.report({ reason, file: path, line, what, remedy: remedies[reason] });
    };
    const follower = new Follower({ path, from: await readPosition(positionFile, tailPosition), onLoss });
    try {
      while (!signal.aborted) {
        health.asked();
        const next = await lookAt(follower);
        if (next === undefined) {
          await pause(poll, signal); // the loop checks the signal
          continue;
        }
        const records = next.lines.flatMap((line): readonly LiveRecord[] => {
          const value = read(line);
          return value === undefined ? [] : [{ topic: 'sensorReadings', value, timestamp: clock() }];
        });
        if (records.length > 0) health.received();
        given += records.length;
        last = records.at(-1)?.timestamp ?? last;
        health.given();
        const { position } = next;
        yield {
          records,
          async acknowledge() {
            await keepPosition(positionFile, position);
            health.acknowledged(`line ${position.line}, byte ${position.offset}`);
          },
        };
      }
    } finally {
      health.ended();
      await follower.close();
    }
  }

  async function lookAt(follower: Follower): ReturnType<Follower['next']> {
    try {
      const next = await follower.next();
      health.found();
      return next;
    } catch (error) {
      await follower.close();
      health.lost(`${path} cannot be read: ${messageOf(error)}.`);
      return undefined;
    }
  }

  return {
    kind: 'live',
    name: `tail:${basename(path)}`,
    receive,
    health: () => health.now(),
    progress: () => ({ records: given, share: undefined, timestamp: last }),
    counts: () => problems.counts(),
    malformed: () => problems.malformed(),
  };
}

const remedies: Readonly<Record<Loss, string>> = {
  truncated: 'Rename the file and start a new one, instead of truncating it.',
  'rotated-away':
    'Keep the former file uncompressed in the same folder until the source has read it to its end.',
};

type Report = (line: number, reason: string, what: string, remedy: string) => void;

function lineReader(definition: ProcessDefinition, report: Report) {
  const check = readingChecker(definition);
  const utf8 = new TextDecoder('utf-8', { fatal: true });
  return ({ number, bytes }: Line) => {
    if (bytes === undefined) {
      report(
        number,
        'line-too-long',
        `the line is longer than ${longestLine} bytes`,
        'Write one reading per line.',
      );
      return undefined;
    }
    let json: unknown;
    try {
      const text = utf8.decode(bytes);
      if (text.trim() === '') return undefined;
      json = JSON.parse(text);
    } catch (error) {
      const what = messageOf(error);
      report(number, 'malformed-line', what, 'Write one complete JSON object per line, in UTF-8.');
      return undefined;
    }
    const checked = check(json);
    if (checked.ok && checked.padded !== undefined)
      report(number, 'padded-text', `${checked.padded} texts end in NUL, which is cut`, paddedRemedy);
    if (checked.ok) return checked.value;
    const what = checked.problems.map(({ path, message }) => `${path}: ${message}`).join('; ');
    const remedy =
      'Write readings in the form of POST /v1/readings, with assets and tags of the process definition.';
    report(number, 'invalid-reading', what, remedy);
    return undefined;
  };
}
