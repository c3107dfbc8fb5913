import type { Command } from 'commander';
import { releaseSchemas } from '../../schemas/generate/released.ts';

export function addSchemas(program: Command): void {
  const schemas = program
    .command('schemas')
    .summary('release the schemas of the topics')
    .description('Releases the schemas of the topics.');
  schemas
    .command('release')
    .summary('record the schemas that later schemas must be compatible with')
    .description(
      'Copies the schemas to schemas/released/. From then on, each schema must be able to read the data that its released version wrote; otherwise `generate --check` fails.',
    )
    .action(async () => {
      const written = await releaseSchemas();
      for (const file of written) console.log(`wrote ${file}`);
      console.log(
        written.length === 0
          ? 'nothing to release: every schema equals its released version'
          : 'commit these files',
      );
    });
}
