/** Watches a live source's health: logs each change, and updates the metrics. */
import type { Logger } from '../../telemetry/log.ts';
import { metricsCatalogue } from '../../telemetry/metrics-catalogue.ts';
import type { Instruments } from '../../telemetry/metrics.ts';
import { kindOf, type Live, type LiveState } from '../source.ts';

export interface WatchOptions {
  readonly log?: Logger;
  readonly metrics?: Pick<Instruments, 'sourceSilence' | 'sourceState'>;
}

export interface HealthWatch {
  /** Checks the health now. This also happens once a second. */
  look(): void;
  stop(): void;
}

const everyMs = 1_000;

export function watchHealth(source: Live, { log, metrics }: WatchOptions): HealthWatch {
  const began = Date.now();
  const kind = kindOf(source);
  let before: LiveState | undefined;
  const look = (): void => {
    const { state, since, lastValueAt, problem } = source.health();
    metrics?.sourceSilence.set(Math.max(0, Date.now() - (lastValueAt ?? began)) / 1000, { source: kind });
    if (state === before) return;
    for (const each of metricsCatalogue.sourceState.attributes.state)
      metrics?.sourceState.set(each === state ? 1 : 0, { source: kind, state: each });
    const facts = { source: source.name, state, since: new Date(since).toISOString() };
    if (problem !== undefined) log?.warn(facts, problem);
    else if (before !== undefined) log?.info(facts, `the live source is ${state}`);
    before = state;
  };
  const timer = setInterval(look, everyMs).unref();
  look();
  return {
    look,
    stop() {
      clearInterval(timer);
      look();
    },
  };
}
