/** Waiting until everything that was published has come to its end: steps, topics, tables. */
import { setTimeout as sleep } from 'node:timers/promises';
import { stepNames } from '../processors/topology.ts';
import { CastwatchError } from '../base/errors.ts';
import { sinkLag, stepLag, type Lag, type LagSources } from './lag.ts';

export interface SettleOptions {
  /** Gives up when nothing has moved for so long, ms. */
  readonly patience?: number;
  readonly onLag?: (lag: Lag) => void;
  /** Says why there is no point in waiting, if there is none. */
  readonly hopeless?: () => string | undefined;
}

/**
 * Resolves when every group has committed up to the end of its topics and every row is stored. To be called when
 * nothing more is published. Steps are looked at in the order of the data: one that has caught up stays so.
 * @throws CastwatchError RECONCILIATION when it stands still before that
 */
export async function untilSettled(sources: LagSources, options: SettleOptions = {}): Promise<void> {
  for (const step of stepNames) await untilZero(() => stepLag(sources, step), options);
  await untilZero(() => sinkLag(sources), options);
}

async function untilZero(look: () => Promise<readonly Lag[]>, options: SettleOptions): Promise<void> {
  const { patience = 120_000, onLag, hopeless } = options;
  let before = Number.POSITIVE_INFINITY;
  let moved = Date.now();
  for (let pause = 20; ; pause = Math.min(2 * pause, 500)) {
    const lags = await look();
    for (const lag of lags) onLag?.(lag);
    const records = lags.reduce((sum, lag) => sum + lag.records, 0);
    if (records === 0) return;
    if (records !== before) moved = Date.now();
    before = records;
    const reason =
      hopeless?.() ??
      (Date.now() - moved > patience ? `nothing has moved for ${patience / 1000} s` : undefined);
    if (reason !== undefined) throw standsStill(lags, reason);
    await sleep(pause);
  }
}

function standsStill(lags: readonly Lag[], reason: string): CastwatchError {
  const behind = lags
    .filter(({ records }) => records > 0)
    .map(({ reader, topic, records }) => `${reader} is ${records} behind on ${topic}`);
  return new CastwatchError('RECONCILIATION', `The pipeline stands still: ${behind.join(', ')}; ${reason}.`, {
    remedy: "Look at the roles' logs.",
  });
}
