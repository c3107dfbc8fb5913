/** `check`: reads a process definition, and says what it means or what is wrong with it. */
import type { Command } from 'commander';
import { CastwatchError, exitCodes } from '../../base/errors.ts';
import { formatPath } from '../../processes/definition-problem.ts';
import { brokenDefinition, readDefinition, type LocatedProblem } from '../../processes/load.ts';
import { assetPath, featureNames, featureSetVersion, sequenceTags } from '../../processes/plant.ts';
import type { ProcessDefinition } from '../../processes/schema.ts';
import { checkStateSizes, stateSizes } from '../../processors/state-sizes.ts';
import { checkSimulation } from '../../sources/simulator/names.ts';

export function addCheck(program: Command): void {
  program
    .command('check')
    .summary('check a process definition')
    .description(
      'Reads a process definition and reports every mistake with its line. It starts nothing and needs no server. Exits with 65 if there is a mistake.',
    )
    .argument('<file>', 'the process definition')
    .option('--json', 'print the result as JSON', false)
    .action(run);
}

function run(file: string, { json }: { readonly json: boolean }): void {
  const { definition, problems = [], remedy } = readDefinition(file);
  const deeper = definition === undefined ? [] : deepProblems(definition, file);
  const isValid = definition !== undefined && deeper.length === 0;
  if (json) {
    const facts = isValid ? factsOf(definition) : {};
    const all = [...problems.map(asJson), ...deeper.map((message) => ({ message }))];
    console.log(JSON.stringify({ file, valid: isValid, ...facts, problems: all }));
    if (!isValid) process.exitCode = exitCodes.DEFINITION;
    return;
  }
  if (definition === undefined) throw brokenDefinition(file, problems, remedy);
  if (deeper.length > 0)
    throw new CastwatchError('DEFINITION', deeper.join('\n'), {
      remedy: 'Correct these parts of the process definition.',
    });
  console.log(factsText(file, factsOf(definition)));
}

const asJson = ({ line, column, path, message }: LocatedProblem) => ({
  line,
  column,
  path: path === undefined ? null : formatPath(path),
  message,
});

/** What shows only when a role or the simulator starts. These mistakes have no line. */
function deepProblems(definition: ProcessDefinition, file: string): readonly string[] {
  const looks = [
    () => {
      checkStateSizes(definition, file);
    },
    () => {
      checkSimulation(definition);
    },
  ];
  return looks.flatMap((look) => {
    try {
      look();
      return [];
    } catch (error) {
      if (error instanceof CastwatchError && error.code === 'DEFINITION') return error.message.split('\n');
      throw error;
    }
  });
}

interface DefinitionFacts {
  readonly process: string;
  readonly title: string;
  readonly assets: readonly string[] | 'any';
  readonly tags: number;
  readonly requiredTags: number;
  readonly features: number;
  readonly featureSet: string;
  readonly sequence: { readonly steps: number; readonly tags: number } | null;
  readonly alerts: number;
  readonly states: Readonly<Record<string, number>>;
}

function factsOf(definition: ProcessDefinition): DefinitionFacts {
  const { process, title, cells, tags, features, alerts } = definition;
  const { sequence } = features;
  return {
    process,
    title,
    assets: cells === 'any' ? 'any' : cells.map((cell) => assetPath(definition, cell)),
    tags: tags.length,
    requiredTags: tags.filter(({ required }) => required).length,
    features: featureNames(definition).length,
    featureSet: featureSetVersion(definition),
    sequence:
      sequence === undefined ? null : { steps: sequence.steps, tags: sequenceTags(definition).length },
    alerts: alerts.length,
    states: Object.fromEntries(stateSizes(definition).map(({ step, bytes }) => [step, bytes])),
  };
}

function factsText(file: string, facts: DefinitionFacts): string {
  const { assets, sequence, states } = facts;
  const [largest = ['none', 0]] = Object.entries(states).toSorted(([, a], [, b]) => b - a);
  return [
    `${file} is valid`,
    `  process   ${facts.process}: ${facts.title}`,
    `  assets    ${assets === 'any' ? 'any cell below the line' : assets.join(', ')}`,
    `  tags      ${facts.tags}, of which ${facts.requiredTags} are required`,
    `  features  ${facts.features}, set ${facts.featureSet}`,
    `  sequence  ${sequence === null ? 'none' : `${sequence.steps} steps of ${sequence.tags} tags`}`,
    `  alerts    ${facts.alerts} rules`,
    `  memory    at most ${(largest[1] / 1024 ** 2).toFixed(1)} MiB for an asset, in the step ${largest[0]}`,
  ].join('\n');
}
