import type { Command } from 'commander';
import { readConfig, requireAddresses } from '../../../roles/config.ts';
import { openKafkaFor } from '../../../roles/connections.ts';
import { besideLocalStack } from '../../local-stack.ts';
import { cellsOption, port, processOption } from '../../options.ts';
import { openDefinition, type PlantFlags } from '../../../roles/open-definition.ts';
import { runRole } from '../../../roles/role.ts';
import { startGatewayRole } from '../../../roles/gateway.ts';

interface Flags extends PlantFlags {
  readonly port?: number;
  readonly host?: string;
}

export function addGateway(program: Command): void {
  program
    .command('gateway')
    .summary('serve the REST API, the live stream and the operator console')
    .description(
      'Serves the REST API, the live stream and the operator console. Only programs on this machine can reach them.',
    )
    .addOption(processOption())
    .addOption(cellsOption())
    .option(
      '--port <port>',
      'port to listen on; 0 takes a free port (default: GATEWAY_PORT, else 8080)',
      port,
    )
    .option('--host <host>', 'loopback address to listen on (default: GATEWAY_HOST, else 127.0.0.1)')
    .action(async (flags: Flags) => {
      const config = await besideLocalStack(readConfig());
      const { databaseUrl, registryUrl } = requireAddresses(config, 'databaseUrl', 'registryUrl');
      const definition = openDefinition(flags);
      await runRole('gateway', config, async (context) => {
        const kafka = await openKafkaFor('gateway', context);
        const place = { port: flags.port ?? config.GATEWAY_PORT, host: flags.host ?? config.GATEWAY_HOST };
        return startGatewayRole({ kafka, definition, databaseUrl, registryUrl, ...place }, context);
      });
    });
}
