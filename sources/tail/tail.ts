/** The source tail: follows a growing file with one reading per line, in the JSON form of POST /v1/readings. */
import { basename } from 'node:path';
import { pause } from '../../base/retry.ts';
import { messageOf } from '../../base/text.ts';
import type { ProcessDefinition } from '../../processes/schema.ts';
import { HealthTracker } from '../source-health.ts';
import { jsonLineReader } from '../json-lines.ts';
import { ProblemCounter, type InputProblem } from '../input-problems.ts';
import { keepPosition, readPosition } from '../position-file.ts';
import type { Live, LiveBatch, LiveRecord } from '../source.ts';
import { Follower, type Loss } from './follower.ts';
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
  const read = jsonLineReader(definition, path, problems);
  let given = 0;
  let last: number | undefined;

  async function* receive(signal: AbortSignal): AsyncGenerator<LiveBatch> {
    const onLoss = (reason: Loss, line: number, what: string): void => {
      problems.report({ reason, place: `${path}:${line}`, what, remedy: remedies[reason] });
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
