/** What the operator sees of a run: lines on stderr, and on a terminal a status line that stays at the bottom. */
import { counted } from '../../base/text.ts';
import type { Addresses } from '../../roles/config.ts';
import { withoutPassword } from '../../roles/connections.ts';
import type { View } from './watch.ts';

export interface Terminal {
  say(line: string): void;
  status(view: View, note?: string): void;
  /** Removes the status line. */
  close(): void;
}

/** Interval of the status lines when stderr is not a terminal. */
const plainEveryMs = 5_000;

export function openTerminal(stream: NodeJS.WriteStream, json: boolean): Terminal {
  let bottom = '';
  let lastPlain = 0;
  const clear = (): void => {
    if (bottom !== '') stream.write('\r\x1b[2K');
  };
  return {
    say(line) {
      clear();
      stream.write(`${line}\n${bottom}`);
    },
    status(view, note) {
      if (stream.isTTY && !json) {
        clear();
        bottom = describeView(view, note).slice(0, stream.columns - 1);
        stream.write(bottom);
        return;
      }
      if (Date.now() - lastPlain < plainEveryMs) return;
      lastPlain = Date.now();
      stream.write(`${json ? JSON.stringify({ ...view, note }) : describeView(view, note)}\n`);
    },
    close() {
      clear();
      bottom = '';
    },
  };
}

/** Lists the addresses of all parts, one per line. */
export function describePlaces(
  { brokers, registryUrl, databaseUrl }: Addresses,
  consoleUrl: string,
  logDir: string,
): string {
  const places = {
    Console: consoleUrl,
    Kafka: brokers.join(','),
    'Schema registry': withoutPassword(registryUrl),
    Database: withoutPassword(databaseUrl),
    Logs: logDir,
  };
  const lines = Object.entries(places).map(([name, place]) => `  ${name.padEnd(17)}${place}`);
  return ['', ...lines, ''].join('\n');
}

export function describeView(view: View, note?: string): string {
  const { scansPerSecond, latency, predictions, openAlerts, rejected, deadLetters, lag } = view;
  const parts = [
    scansPerSecond === 0 && lag > 0 ? 'catching up' : `${scansPerSecond.toFixed(1)} scans/s`,
    `latency p50 ${milliseconds(latency.p50)} p99 ${milliseconds(latency.p99)}`,
    counted(predictions, 'prediction'),
    counted(openAlerts, 'open alarm'),
    ...(rejected === 0 ? [] : [`${rejected} rejected`]),
    ...(deadLetters === 0 ? [] : [counted(deadLetters, 'dead letter')]),
    `lag ${lag}`,
  ];
  return [...parts, ...(note === undefined ? [] : [note])].join(' · ');
}

const milliseconds = (value: number | null): string =>
  value === null ? '–' : value < 10_000 ? `${value} ms` : `${(value / 1000).toFixed(1)} s`;
