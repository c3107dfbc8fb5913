import type { Command } from 'commander';
import { readConfig, requireAddresses } from '../../roles/config.ts';
import { openKafkaFor } from '../../roles/connections.ts';
import { cellsOption, port, processOption } from '../options.ts';
import { openDefinition, type PlantFlags } from '../../roles/plant.ts';
import { runRole } from '../../roles/role.ts';
import { startGatewayRole } from '../../roles/gateway.ts';

interface Flags extends PlantFlags {
  readonly port?: number;
  readonly host?: string;
}

export function addGateway(program: Command): void {
  program
    .command('gateway')
    .summary('serve REST, live stream and console')
    .description('Serves the API, the live stream and the operator console, to this machine only.')
    .addOption(processOption())
    .addOption(cellsOption())
    .option('--port <port>', 'to listen on; 0 takes a free one (default: GATEWAY_PORT, 8080)', port)
    .option('--host <host>', 'to listen on (default: GATEWAY_HOST, 127.0.0.1)')
    .action(async (flags: Flags) => {
      const config = readConfig();
      const { databaseUrl, registryUrl } = requireAddresses(config, 'databaseUrl', 'registryUrl');
      const definition = openDefinition(flags);
      await runRole('gateway', config, async (context) => {
        const kafka = await openKafkaFor('gateway', context);
        const place = { port: flags.port ?? config.GATEWAY_PORT, host: flags.host ?? config.GATEWAY_HOST };
        return startGatewayRole({ kafka, definition, databaseUrl, registryUrl, ...place }, context);
      });
    });
}
