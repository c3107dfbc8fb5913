/** Castwatch itself: the unchanged `process` role. */
import { join } from 'node:path';
import { stepLag } from '../../proof/lag.ts';
import type { RoleMessage } from '../../roles/role.ts';
import { Child } from './child.ts';
import type { Contender, Run, Running } from './contender.ts';

const entry = join(import.meta.dirname, '../../cli/castwatch.ts');
const atLeastOnce = join(import.meta.dirname, 'at-least-once.ts');

/** Only the bench has `at-least-once`; the product runs exactly once. */
export type Guarantee = 'exactly-once' | 'at-least-once';

/** @param layout the steps of each process: `[['validate', 'features']]` is one process with both */
export const castwatch = (
  name: string,
  title: string,
  layout: readonly (readonly ('validate' | 'features')[])[],
  guarantee: Guarantee = 'exactly-once',
): Contender => ({ name, title, start: (run) => start(run, layout, guarantee) });

async function start(
  run: Run,
  layout: readonly (readonly string[])[],
  guarantee: Guarantee,
): Promise<Running> {
  const { plant, brokers, registryUrl, kafka, folder, profile } = run;
  const children = layout.map(
    (steps, index) =>
      new Child({
        file: process.execPath,
        args: [
          ...(profile ? ['--cpu-prof', `--cpu-prof-dir=${folder}`] : []),
          ...(guarantee === 'exactly-once'
            ? [entry, 'process', '--process', plant.process, '--cells', String(plant.cells)]
            : [atLeastOnce, JSON.stringify({ plant, steps })]),
          ...(guarantee === 'exactly-once' ? ['--steps', steps.join(',')] : []),
        ],
        env: {
          KAFKA_BROKERS: brokers.join(','),
          SCHEMA_REGISTRY_URL: registryUrl,
          TOPIC_PREFIX: kafka.prefix,
          LOG_LEVEL: 'warn',
        },
        logFile: join(folder, `castwatch-${index}.log`),
        ready: (message) => {
          const { kind, ...rest } = message as RoleMessage;
          return kind === 'status' && 'status' in rest && rest.status.ready;
        },
      }),
  );
  await Promise.all(children.map((child) => child.untilReady()));
  return {
    pids: children.map(({ pid }) => pid),
    startSeconds: Math.max(...children.map(({ startSeconds }) => startSeconds)),
    async isDone() {
      for (const child of children) child.requireRunning();
      // In this order, because features gets no further records once validate has caught up.
      for (const step of ['validate', 'features'] as const)
        if ((await stepLag(kafka, step)).some(({ records }) => records > 0)) return false;
      return true;
    },
    async stop() {
      await Promise.all(children.map((child) => child.stop()));
    },
  };
}
