import type { Command } from 'commander';
import { generateTopologyPage } from '../../processors/topology-page.ts';
import { stepsWriting } from '../../processors/topology.ts';
import { generateOpenApi } from '../../gateway/generate.ts';
import { generateBoards } from '../../grafana/generate.ts';
import { generate } from '../../schemas/generate/generate.ts';
import { updateFiles, type GenerateReport } from '../../schemas/generate/generated-files.ts';
import { definitionSchema } from '../../processes/json-schema.ts';
import { generateTablesPage } from '../../sinks/timescale/tables-page.ts';
import { CastwatchError } from '../../base/errors.ts';

const generateDefinitionSchema = ({ check }: { readonly check: boolean }): Promise<GenerateReport> => {
  const text = `${JSON.stringify(definitionSchema(), null, 2)}\n`;
  return updateFiles(new Map([['docs/generated/process-definition.schema.json', text]]), check);
};

const generators = [
  (options: { readonly check: boolean }) => generate({ ...options, stepsWriting }),
  generateDefinitionSchema,
  generateTopologyPage,
  generateTablesPage,
  generateOpenApi,
  generateBoards,
];

export function addGenerate(program: Command): void {
  program
    .command('generate')
    .summary('write the generated types, documents and Grafana boards')
    .description(
      'Writes the files that are generated from the schemas, the catalogues, the tables and the boards. Commit them with the change that they follow from.',
    )
    .option('--check', 'write nothing; list the files that are out of date and fail if there are any', false)
    .action(async ({ check }: { readonly check: boolean }) => {
      const reports: GenerateReport[] = [];
      for (const run of generators) reports.push(await run({ check }));
      for (const file of reports.flatMap(({ written }) => written)) console.log(`wrote ${file}`);
      const problems = reports.flatMap((report) => report.problems);
      if (problems.length > 0) throw new CastwatchError('CONFIGURATION', problems.join('\n'));
      console.log('all generated files are up to date');
      for (const reminder of reports.flatMap(({ reminders = [] }) => reminders))
        console.log(`before you commit: ${reminder}`);
    });
}
