import type { Command } from 'commander';
import { releaseSchemas } from '../../schemas/released.ts';

export function addSchemas(program: Command): void {
  const schemas = program.command('schemas').description('Release the schemas of the topics.');
  schemas
    .command('release')
    .description(
      'Records the schemas in schemas/released/. From then on, each schema must read what its released one wrote; generate --check fails otherwise.',
    )
    .action(async () => {
      const written = await releaseSchemas();
      for (const file of written) console.log(`wrote ${file}`);
      console.log(written.length === 0 ? 'every schema is released as it is' : 'commit these files');
    });
}
