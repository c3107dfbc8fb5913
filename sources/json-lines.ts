/** Reads lines that are one reading in JSON each, in the form of POST /v1/readings, for live sources. */
import { messageOf } from '../base/text.ts';
import type { ProcessDefinition } from '../processes/schema.ts';
import type { SensorReading } from '../schemas/generated/types.ts';
import { paddedRemedy, type ProblemCounter } from './input-problems.ts';
import { readingChecker } from './json-reading.ts';
import { longestLine, type Line } from './lines.ts';

/**
 * @param from where the lines come from, such as a path
 * @param problems counts the lines that are not a reading
 * @returns a function that gives the reading of a line; undefined when the line is empty or not a reading
 */
export function jsonLineReader(
  definition: ProcessDefinition,
  from: string,
  problems: ProblemCounter,
): (line: Line) => SensorReading | undefined {
  const check = readingChecker(definition);
  const utf8 = new TextDecoder('utf-8', { fatal: true });
  return ({ number, bytes }) => {
    const report = (reason: string, what: string, remedy: string): void => {
      problems.report({ reason, place: `${from}:${number}`, what, remedy });
    };
    if (bytes === undefined) {
      report('line-too-long', `the line is longer than ${longestLine} bytes`, 'Write one reading per line.');
      return undefined;
    }
    let json: unknown;
    try {
      const text = utf8.decode(bytes);
      if (text.trim() === '') return undefined;
      json = JSON.parse(text);
    } catch (error) {
      report('malformed-line', messageOf(error), 'Write one complete JSON object per line, in UTF-8.');
      return undefined;
    }
    const checked = check(json);
    if (checked.ok && checked.padded !== undefined)
      report('padded-text', `${checked.padded} texts end in NUL, which is cut`, paddedRemedy);
    if (checked.ok) return checked.value;
    const what = checked.problems.map(({ path, message }) => `${path}: ${message}`).join('; ');
    const remedy =
      'Write readings in the form of POST /v1/readings, with assets and tags of the process definition.';
    report('invalid-reading', what, remedy);
    return undefined;
  };
}
