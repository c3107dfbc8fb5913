/** A contender that is a script in this folder. It gets the run as JSON and reports when it is ready. */
import { join } from 'node:path';
import type { TopicId } from '../../schemas/catalogue.ts';
import { Child } from './child.ts';
import { runningUntilCommitted, type Contender } from './contender.ts';

export interface ScriptOptions {
  readonly brokers: readonly string[];
  readonly registryUrl: string;
  readonly prefix: string;
  readonly group: string;
  readonly input: string;
  readonly output: string;
}

/** The script copies `input` to `output` from the beginning. Its group has its name. */
export function copying(
  name: string,
  title: string,
  file: string,
  input: TopicId,
  output: TopicId,
): Contender {
  return {
    name,
    title,
    async start({ kafka, brokers, registryUrl, folder, profile }) {
      const { topics, prefix } = kafka;
      const group = `${prefix}${name}`;
      const options: ScriptOptions = {
        ...{ brokers, registryUrl, prefix, group, input: topics[input], output: topics[output] },
      };
      const child = new Child({
        file: process.execPath,
        args: [
          ...(profile ? ['--cpu-prof', `--cpu-prof-dir=${folder}`] : []),
          ...[join(import.meta.dirname, file), JSON.stringify(options)],
        ],
        env: { LOG_LEVEL: 'warn' },
        logFile: join(folder, `${name}.log`),
        ready: (message) => message === 'ready',
      });
      await child.untilReady();
      return runningUntilCommitted(child, kafka, group, topics[input]);
    },
  };
}
