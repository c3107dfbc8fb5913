/** A local stack with breakable links to its broker and its database. */
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, loopback } from '../../../local/ports.ts';
import { removeLocalData, startLocalStack, type LocalStack } from '../../../local/stack.ts';
import { createLogger } from '../../../telemetry/log.ts';
import { TcpLink } from './link.ts';

export interface ChaosStack {
  readonly stack: LocalStack;
  readonly links: ChaosLinks;
  /** Stops everything and removes its data. */
  discard(): Promise<void>;
}

export interface ChaosLinks {
  /** Leads to the broker. The broker gives clients of this link the link's address, so they stay on it. */
  readonly broker: TcpLink;
  readonly database: TcpLink;
}

export const newDataDir = (): Promise<string> => mkdtemp(join(tmpdir(), 'castwatch-chaos-'));

export async function startChaosStack(
  dataDir?: string,
  options: { readonly shortLived?: boolean; readonly beforeRemoval?: () => Promise<void> } = {},
): Promise<ChaosStack> {
  const { beforeRemoval, ...local } = options;
  const folder = dataDir ?? (await newDataDir());
  const links = { broker: await TcpLink.open(true), database: await TcpLink.open() };
  const port = await freePort([]);
  links.broker.leadTo(port);
  const log = createLogger('chaos', process.env['LOG_LEVEL'] ?? 'error');
  const secondListener = { port, advertised: links.broker.port };
  const stack = await startLocalStack({ dataDir: folder, log, secondListener, ...local });
  links.database.leadTo(Number(new URL(stack.databaseUrl).port));
  return {
    stack,
    links,
    async discard() {
      await Promise.all([links.broker.close(), links.database.close()]);
      await stack.stop();
      await beforeRemoval?.();
      await removeLocalData(folder);
    },
  };
}

/** The broker's address over the link. */
export const brokersBy = (link: TcpLink): string => `${loopback}:${link.port}`;

export function databaseBy(link: TcpLink, url: string): string {
  const by = new URL(url);
  by.port = String(link.port);
  return by.href;
}
