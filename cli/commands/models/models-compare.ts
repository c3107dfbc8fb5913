/** `models compare`: compares challenger and shadow with the champion, by the labels that have arrived. */
import type { Command } from 'commander';
import { measures, type Measure } from '../../../models/judging/figures.ts';
import { compareModels, type ModelComparison } from '../../../models/registry/compare-models.ts';
import { holder } from '../../../models/registry/entries.ts';
import { pairedRows } from '../../../sinks/timescale/queries/models.ts';
import { CastwatchError } from '../../../base/errors.ts';
import { createLogger } from '../../../telemetry/log.ts';
import { readConfig, requireAddresses } from '../../../roles/config.ts';
import { openKafkaFor, openPool } from '../../../roles/connections.ts';
import { besideLocalStack } from '../../local-stack.ts';
import { openRegistry } from '../../../roles/open-registry.ts';
import { parseTime, positiveInteger } from '../../options.ts';
import { openDefinition } from '../../../roles/open-definition.ts';

interface Flags {
  readonly process: string;
  readonly since?: number;
  readonly seed: number;
  readonly json: boolean;
}

export function addCompare(command: Command): void {
  command
    .option('--since <time>', 'compare rows from this time, ISO 8601; default all', parseTime)
    .option('--seed <n>', 'seed of the draws that give the intervals', positiveInteger, 1)
    .action(compare);
}

interface Compared {
  readonly role: string;
  readonly bundle: string;
  readonly champion: string;
  readonly rows: number;
  /** Null until there are labels of both outcomes. */
  readonly comparison: ModelComparison | null;
}

async function compare(flags: Flags): Promise<void> {
  const definition = openDefinition(flags);
  const config = await besideLocalStack(readConfig());
  const { databaseUrl } = requireAddresses(config, 'databaseUrl');
  const log = createLogger('models', config.LOG_LEVEL === 'info' ? 'warn' : config.LOG_LEVEL);
  const kafka = await openKafkaFor('models', { config, log, signal: AbortSignal.timeout(30_000) });
  const pool = openPool(databaseUrl);
  try {
    const entries = await openRegistry(kafka).entries(definition.process);
    const champion = holder(entries, 'CHAMPION')?.bundle;
    const candidates = (['CHALLENGER', 'SHADOW'] as const).flatMap((role) => holder(entries, role) ?? []);
    if (champion === undefined || candidates.length === 0)
      throw new CastwatchError(
        'MODEL',
        `${definition.process} has no challenger or shadow to compare with its champion`,
        {
          remedy: 'Name one: `castwatch models challenger BUNDLE --why …`.',
        },
      );
    const results: Compared[] = [];
    for (const { role, bundle } of candidates) {
      const rows = await pairedRows(pool, {
        target: definition.target.id,
        champion,
        candidate: bundle,
        since: flags.since ?? 0,
        level: definition.target.about === 'piece' ? definition.piece?.levels[0] : undefined,
      });
      const comparison = compareModels(rows, {
        thresholds: {
          champion: rows[0]?.championThreshold ?? NaN,
          candidate: rows[0]?.candidateThreshold ?? NaN,
        },
        cost: definition.target.cost,
        names: { champion, candidate: bundle },
        seed: flags.seed,
      });
      results.push({ role, bundle, champion, rows: rows.length, comparison: comparison ?? null });
    }
    if (flags.json) console.log(JSON.stringify(results));
    else for (const result of results) console.log(textOf(result));
  } finally {
    await pool.end();
    await kafka.close();
  }
}

const titles: Readonly<Record<Measure, string>> = {
  rocAuc: 'ROC-AUC',
  prAuc: 'PR-AUC',
  f1: 'F1',
  recallAt1: 'recall at 1 % false alarms',
  recallAt5: 'recall at 5 % false alarms',
  brier: 'Brier score',
  logLoss: 'log loss',
  cost: 'cost per row',
};

function textOf({ role, bundle, champion, rows, comparison }: Compared): string {
  const head = `${role.toLowerCase()} ${bundle} against champion ${champion}`;
  if (comparison === null)
    return `${head}: ${rows} rows have labels, but not yet of both outcomes, so no comparison is possible`;
  const lines = measures.map((measure) => {
    const { value, between, verdict } = comparison.differences[measure];
    const [own, other] = [comparison.candidate, comparison.champion].map((score) =>
      (measure === 'f1' || measure === 'cost' ? score.warning[measure] : score[measure]).toFixed(3),
    );
    const range =
      between === null ? 'too few groups for an interval' : `${signed(between[0])} … ${signed(between[1])}`;
    return `  ${titles[measure].padEnd(28)}${own ?? ''} against ${other ?? ''}  ${signed(value)} (${range})  ${verdict}`;
  });
  return [
    `${head}: ${comparison.rows} rows in ${comparison.groups} groups, ${comparison.positives} with the target`,
    ...lines,
    '  in brackets: the middle 90 % of draws of complete groups; open: this range contains 0',
  ].join('\n');
}

const signed = (value: number): string => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(3)}`;
