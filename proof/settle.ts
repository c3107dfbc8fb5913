/** Waits until everything that was published is processed by all steps and stored in the tables. */
import { Backoff } from '../base/retry.ts';
import { stepNames } from '../processors/topology.ts';
import { CastwatchError } from '../base/errors.ts';
import { sinkLag, stepLag, type Lag, type LagSources } from './lag.ts';
import { defaultPatience, throughOutages, type OutageOptions } from './outages.ts';

/** `patience` is also the time without progress after which the wait ends with an error. */
export interface SettleOptions extends OutageOptions {
  readonly onLag?: (lag: Lag) => void;
}

/**
 * Resolves when every group has committed up to the end of its topics and every row is stored. Call it when nothing more
 * is published. It waits for the steps in the order of the data, so that a step that has caught up stays caught up. An
 * outage of the broker or the database does not end the wait, and its time does not count as time without progress.
 * @throws CastwatchError RECONCILIATION when the pipeline makes no progress, or a server does not come back
 */
export async function untilSettled(sources: LagSources, options: SettleOptions = {}): Promise<void> {
  for (const step of stepNames) await untilZero(() => stepLag(sources, step), options);
  await untilZero(() => sinkLag(sources), options);
}

async function untilZero(look: () => Promise<readonly Lag[]>, options: SettleOptions): Promise<void> {
  const { patience = defaultPatience, onLag, onOutage, hopeless } = options;
  let before = Number.POSITIVE_INFINITY;
  let moved = Date.now();
  const backoff = new Backoff({ first: 20, longest: 500 });
  const patient: OutageOptions = {
    ...options,
    onOutage: (error) => {
      moved = Date.now();
      onOutage?.(error);
    },
  };
  for (;;) {
    const lags = await throughOutages(look, patient);
    for (const lag of lags) onLag?.(lag);
    const records = lags.reduce((sum, lag) => sum + lag.records, 0);
    if (records === 0) return;
    if (records !== before) moved = Date.now();
    before = records;
    const reason =
      hopeless?.() ?? (Date.now() - moved > patience ? `no progress for ${patience / 1000} s` : undefined);
    if (reason !== undefined) throw noProgress(lags, reason);
    await backoff.pause();
  }
}

function noProgress(lags: readonly Lag[], reason: string): CastwatchError {
  const behind = lags
    .filter(({ records }) => records > 0)
    .map(({ reader, topic, records }) => `${reader} is ${records} behind on ${topic}`);
  return new CastwatchError('RECONCILIATION', `The pipeline is blocked: ${behind.join(', ')}; ${reason}.`, {
    remedy: 'See the logs of the roles for the cause.',
  });
}
