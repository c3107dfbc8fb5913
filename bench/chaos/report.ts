/** The results as a Markdown table, as docs/reliability.md shows them. */
import type { ScenarioResult } from './scenario.ts';

const seconds = (value: number | null): string => (value === null ? '–' : value.toFixed(1));

export function asTable(results: readonly ScenarioResult[]): string {
  const rows = results.map((result) => [
    result.faults.join(', '),
    String(result.injections.length),
    String(result.readings),
    result.passed ? result.verdict : `**${result.verdict}**`,
    seconds(result.recoveryP50),
    seconds(result.recoveryP99),
    seconds(result.othersStalled),
    seconds(result.slowestDrain),
  ]);
  const head = [
    'fault',
    'injections',
    'readings',
    'verdict',
    'recovery p50, s',
    'recovery p99, s',
    'others stalled, s',
    'slowest drain, s',
  ];
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
