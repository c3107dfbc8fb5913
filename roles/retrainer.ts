/** The retrainer role: checks on a schedule whether a challenger is required, and trains it. */
import { pause, within } from '../base/retry.ts';
import { ensureParts } from '../local/parts/java-parts.ts';
import type { ProcessDefinition } from '../processes/schema.ts';
import { openPool, type Kafka } from './connections.ts';
import { modelsFolder } from './open-registry.ts';
import { retrain } from './retrain/retrain.ts';
import { sentence, type RoleContext, type RunningRole } from './role.ts';

export interface RetrainerRoleOptions {
  readonly kafka: Kafka;
  readonly definition: ProcessDefinition;
  readonly databaseUrl: string;
  /** Time between two checks, ms. */
  readonly every: number;
}

export function startRetrainerRole(
  { kafka, definition, databaseUrl, every }: RetrainerRoleOptions,
  { config, log, signal }: Pick<RoleContext, 'config' | 'log' | 'signal'>,
): RunningRole {
  const pool = openPool(databaseUrl);
  let problem: string | undefined;
  let last: string | undefined;

  async function look(): Promise<void> {
    if (process.env['CASTWATCH_XGBOOST'] === undefined)
      await ensureParts(['xgboost'], (text) => {
        log.info(text);
      });
    const result = await retrain({
      kafka,
      pool,
      definition,
      modelsFolder: modelsFolder(config),
      seed: 1,
      onStart: (why) => {
        log.info({ why }, 'training a challenger');
      },
    });
    last = `${result.outcome}: ${result.why}`;
    log.info(result, 'checked whether a challenger is required');
  }

  async function lookForever(): Promise<void> {
    while (!signal.aborted) {
      try {
        await look();
        problem = undefined;
      } catch (error) {
        problem = `no challenger could be trained: ${sentence(error)}`;
        log.error(
          { err: error },
          'no challenger could be trained; the champion continues, and the next check tries again',
        );
      }
      await pause(every, signal);
    }
  }
  void lookForever();

  return {
    status: () => ({
      ready: true,
      halted: false,
      problems: problem === undefined ? [] : [problem],
      detail: { last },
    }),
    // A training in progress ends with the process, and the database then releases its lock.
    async stop() {
      await within(1_000, pool.end(), () => undefined);
      await kafka.close();
    },
  };
}
