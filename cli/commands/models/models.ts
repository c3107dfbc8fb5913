/** `models`: lists bundles, changes and shows their roles, compares them, and removes old ones. */
import type { Command } from 'commander';
import { loadBundle, type Bundle } from '../../../models/bundle/bundle.ts';
import { checkBundleFits, rowShapeOf } from '../../../models/bundle/row-shape.ts';
import { readDefault } from '../../../models/bundle/champion-file.ts';
import { createPredictor } from '../../../models/serving/bundle-predictor.ts';
import { listBundles } from '../../../models/bundle/found-bundles.ts';
import { assign, clear, promote, rollBack } from '../../../models/registry/decisions.ts';
import { rolesOf, type Entries } from '../../../models/registry/entries.ts';
import { removable, removeBundle } from '../../../models/registry/gc.ts';
import { promotionGate } from '../../../models/registry/promotion-gate.ts';
import { bundleRoots, describeBundle } from '../../../models/bundle/places.ts';
import type { ModelRegistry } from '../../../models/registry/model-registry.ts';
import type { ProcessDefinition } from '../../../processes/schema.ts';
import type { ModelEntry } from '../../../schemas/generated/types.ts';
import { modelLive } from '../../../sinks/timescale/queries/models.ts';
import { CastwatchError } from '../../../base/errors.ts';
import { createLogger } from '../../../telemetry/log.ts';
import { readConfig, requireAddresses } from '../../../roles/config.ts';
import { openKafkaFor, openPool } from '../../../roles/connections.ts';
import { besideLocalStack } from '../../local-stack.ts';
import { modelsFolder, openRegistry } from '../../../roles/open-registry.ts';
import { parseTime, positiveInteger, processOption } from '../../options.ts';
import { openDefinition } from '../../../roles/open-definition.ts';
import { addDecision, decided, forceOption, type DecisionFlags } from '../../decision.ts';
import { figuresIn, figuresText } from './bundle-figures.ts';
import { addCompare } from './models-compare.ts';

interface Flags {
  readonly process: string;
  readonly json: boolean;
}

interface ModelDecisionFlags extends Flags, DecisionFlags {}

export function addModels(program: Command): void {
  const group = program
    .command('models')
    .summary('manage models: list, promote, roll back, compare')
    .description(
      'Each model has a role. The champion answers. A challenger or shadow answers alongside it and raises no alarm. Every ' +
        'decision is an entry on models.v1, which running instances follow. The table models keeps all entries. ' +
        'Name a bundle by its id. Bundles are below models/bundles/<process> or in the folder of CASTWATCH_MODELS_DIR.',
    )
    .addHelpText(
      'after',
      `
Examples, while Castwatch runs:
  castwatch models list
  castwatch models shadow casting-0123456789ab --why 'trained on the new caster'
  castwatch models compare
  castwatch models promote casting-0123456789ab --why 'better in shadow for a week'
  castwatch models rollback --why 'missed heat 4711'`,
    );
  const sub = (name: string, summary: string): Command =>
    group
      .command(name)
      .summary(summary)
      .description(`${summary[0]?.toUpperCase() ?? ''}${summary.slice(1)}.`)
      .addOption(processOption())
      .option('--json', 'print the result as JSON', false);
  const decision = (name: string, summary: string): Command =>
    addDecision(sub(name, summary), { isRequired: true });

  sub('list', 'list bundles and their roles').action(list);
  sub('show', 'show a bundle, its roles, and the decisions about it')
    .argument('[bundle]', 'default: the champion')
    .action(show);
  sub('history', 'show every decision, oldest first').action(history);
  decision('promote', 'make a bundle the champion, if its figures allow it')
    .argument('<bundle>')
    .addOption(forceOption())
    .action(runPromote);
  decision('rollback', 'make the previous champion champion again').action(runRollback);
  for (const role of ['challenger', 'shadow'] as const)
    decision(role, `make a bundle ${role}: it answers alongside the champion`)
      .argument('[bundle]')
      .option('--none', 'remove the role from the bundle that has it', false)
      .action((bundle: string | undefined, flags: ModelDecisionFlags & { readonly none: boolean }) =>
        runAssign(role === 'shadow' ? 'SHADOW' : 'CHALLENGER', bundle, flags),
      );
  sub('live', 'show which model was live on an asset at a time, who promoted it, and why')
    .requiredOption('--asset <path>', 'required: the asset: enterprise/site/area/line/cell')
    .option('--at <time>', 'ISO 8601; default now', parseTime)
    .action(live);
  addCompare(
    sub('compare', 'compare challenger and shadow with the champion, by the labels that have arrived'),
  );
  sub('gc', 'remove bundles that have no role and that no rollback needs')
    .option('--keep <n>', 'number of earlier champions to keep', positiveInteger, 5)
    .option('--dry-run', 'only list them', false)
    .action(collectGarbage);
}

interface Desk {
  readonly definition: ProcessDefinition;
  readonly root: string;
  readonly registry: ModelRegistry;
  readonly entries: Entries;
}

async function atDesk(flags: Flags, work: (desk: Desk) => Promise<void>): Promise<void> {
  const definition = openDefinition(flags);
  const config = await besideLocalStack(readConfig());
  const log = createLogger('models', config.LOG_LEVEL === 'info' ? 'warn' : config.LOG_LEVEL);
  const kafka = await openKafkaFor('models', { config, log, signal: AbortSignal.timeout(30_000) });
  try {
    const registry = openRegistry(kafka);
    const entries = await registry.entries(definition.process);
    await work({ definition, root: modelsFolder(config), registry, entries });
  } finally {
    await kafka.close();
  }
}

const list = (flags: Flags): Promise<void> =>
  atDesk(flags, ({ definition: { process }, root, entries }) => {
    const found = listBundles(process, root).map(({ bundle, folder, trained }) => ({
      bundle,
      roles: rolesOf(entries, bundle),
      trained,
      folder,
      figures: figuresIn(folder),
    }));
    const gone = (['CHAMPION', 'CHALLENGER', 'SHADOW'] as const).flatMap((role) => {
      const bundle = entries.findLast((entry) => entry.role === role)?.bundle ?? '';
      return bundle === '' || found.some((each) => each.bundle === bundle) ? [] : { bundle, role };
    });
    if (flags.json) console.log(JSON.stringify({ process, bundles: found, missing: gone }));
    else {
      for (const { bundle, roles, trained, figures } of found)
        console.log(
          `${bundle.padEnd(32)}${roles.join(', ').toLowerCase().padEnd(22)}trained on ${trained}\n    ${figuresText(figures)}`,
        );
      for (const { bundle, role } of gone)
        console.log(
          `${bundle.padEnd(32)}${role.toLowerCase().padEnd(22)}missing: no folder below ${root}/${process}`,
        );
      if (found.length + gone.length === 0)
        console.log(`${process} has no bundles; see \`npm run train -- --help\``);
    }
    return Promise.resolve();
  });

const show = (name: string | undefined, flags: Flags): Promise<void> =>
  atDesk(flags, ({ definition: { process }, root, entries }) => {
    const chosen = name ?? entries.findLast(({ role }) => role === 'CHAMPION')?.bundle;
    if (chosen === undefined || chosen === '')
      throw new CastwatchError('MODEL', `${process} has no champion`, {
        remedy: 'Name a bundle. `castwatch models list` shows all bundles.',
      });
    const { folder, manifest } = findBundle(chosen, process, root);
    const { members, threshold, training, featureSet, features } = manifest;
    const about = entries.filter(({ bundle }) => bundle === chosen);
    const roles = rolesOf(entries, chosen);
    if (flags.json) {
      console.log(JSON.stringify({ bundle: chosen, folder, roles, manifest, history: about }));
      return Promise.resolve();
    }
    console.log(
      [
        chosen,
        `  roles      ${roles.join(', ').toLowerCase() || 'none'}`,
        `  models     ${members.map((each) => `${each.name} (${each.weight.toFixed(2)})`).join(', ')}`,
        `  threshold  ${threshold.value.toFixed(3)}`,
        `  features   ${features.length}, set ${featureSet}`,
        `  trained    on ${training.rows} rows, ${training.from} to ${training.until}`,
        `  card       ${folder}/card.md`,
        ...about.map((entry) => `  ${line(entry)}`),
      ].join('\n'),
    );
    return Promise.resolve();
  });

const history = (flags: Flags): Promise<void> =>
  atDesk(flags, ({ definition: { process }, entries }) => {
    if (flags.json) console.log(JSON.stringify(entries));
    else if (entries.length === 0) console.log(`there are no decisions about models of ${process} yet`);
    else for (const entry of entries) console.log(line(entry));
    return Promise.resolve();
  });

const runPromote = (name: string, flags: ModelDecisionFlags & { readonly force: boolean }): Promise<void> =>
  atDesk(flags, async (desk) => {
    const { registry, definition, root } = desk;
    const bundle = describeBundle(await servable(name, desk), root);
    const decision = { ...decided(flags), force: flags.force };
    const gate = promotionGate(definition, root);
    say(flags, await promote(registry, definition.process, bundle, decision, gate));
  });

const runRollback = (flags: ModelDecisionFlags): Promise<void> =>
  atDesk(flags, async ({ registry, definition }) => {
    say(flags, await rollBack(registry, definition.process, decided(flags)));
  });

const runAssign = (
  role: 'CHALLENGER' | 'SHADOW',
  name: string | undefined,
  flags: ModelDecisionFlags & { readonly none: boolean },
): Promise<void> =>
  atDesk(flags, async (desk) => {
    const { process } = desk.definition;
    if (flags.none === (name !== undefined))
      throw new CastwatchError(
        'CONFIGURATION',
        `Name either a bundle, or --none for no ${role.toLowerCase()}.`,
      );
    const entry =
      name === undefined
        ? await clear(desk.registry, process, role, decided(flags))
        : await assign(
            desk.registry,
            process,
            role,
            describeBundle(await servable(name, desk), desk.root),
            decided(flags),
          );
    say(flags, entry);
  });

async function live({
  asset,
  at = Date.now(),
  json,
}: Flags & { readonly asset: string; readonly at?: number }): Promise<void> {
  const { databaseUrl } = requireAddresses(await besideLocalStack(readConfig()), 'databaseUrl');
  const pool = openPool(databaseUrl);
  try {
    const found = await modelLive(pool, asset, at);
    if (found === undefined)
      throw new CastwatchError(
        'INPUT',
        `there is no prediction for ${asset} up to ${new Date(at).toISOString()}`,
        {
          remedy: 'Check the path of the asset; `castwatch status` shows whether the sink has caught up.',
        },
      );
    if (json) console.log(JSON.stringify(found));
    else if (found.sequence === null)
      console.log(
        `${found.bundle || 'no model'} answered at ${found.predictedAt}; the table models has no entry for it`,
      );
    else
      console.log(
        `${found.bundle} answered at ${found.predictedAt}\n${found.action?.toLowerCase().replace('_', ' ') ?? ''} by ${found.by ?? ''} at ${found.decidedAt ?? ''}: ${found.why ?? ''}`,
      );
  } finally {
    await pool.end();
  }
}

const collectGarbage = (flags: Flags & { readonly keep: number; readonly dryRun: boolean }): Promise<void> =>
  atDesk(flags, ({ definition: { process }, root, entries }) => {
    const defaults = bundleRoots(root).flatMap((each) => readDefault(process, each)?.bundle ?? []);
    const bundles = removable(listBundles(process, root), entries, defaults, flags.keep);
    if (!flags.dryRun) for (const { folder } of bundles) removeBundle(folder);
    const removed = bundles.map(({ bundle }) => bundle);
    if (flags.json) console.log(JSON.stringify({ removed, dryRun: flags.dryRun }));
    else if (removed.length === 0) console.log('nothing to remove');
    else for (const bundle of removed) console.log(`${flags.dryRun ? 'would remove' : 'removed'} ${bundle}`);
    return Promise.resolve();
  });

function findBundle(name: string, process: string, root: string): Bundle {
  const found = listBundles(process, root).find(({ bundle }) => bundle === name);
  if (found !== undefined) return loadBundle(found.folder);
  throw new CastwatchError('MODEL', `there is no bundle ${name} below ${root}/${process}`, {
    remedy: '`castwatch models list` shows all bundles.',
  });
}

/** Loads, checks and warms up a bundle first, so that no bundle gets a role that instances would then refuse. */
async function servable(name: string, { definition, root }: Desk): Promise<Bundle> {
  const bundle = findBundle(name, definition.process, root);
  checkBundleFits(bundle, rowShapeOf(definition));
  await (await createPredictor(bundle)).close();
  return bundle;
}

function say({ json }: Flags, entry: ModelEntry): void {
  console.log(json ? JSON.stringify(entry) : line(entry));
}

function line({ sequence, eventTime, role, action, bundle, by, why, replaces }: ModelEntry): string {
  const what = `${role.toLowerCase()} ${action.toLowerCase().replace('_', ' ')}`;
  const instead = replaces === '' ? '' : ` (before: ${replaces})`;
  return `${sequence}  ${new Date(eventTime).toISOString()}  ${what}: ${bundle || 'none'}${instead}, by ${by}: ${why}`;
}
