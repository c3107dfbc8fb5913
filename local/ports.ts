/** Chooses loopback ports, and keeps them from one start to the next while they are free. */
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { z } from 'zod';
import { CastwatchError } from '../base/errors.ts';

export const loopback = '127.0.0.1';

const remembered = z.record(z.string(), z.number().int().min(1).max(65_535));

/**
 * Returns a free port for each name: the requested one; else the remembered one if it is free; else any.
 * Writes the choice to `file`.
 * @throws CastwatchError ENVIRONMENT when a requested port is taken.
 */
export async function choosePorts<Name extends string>(
  file: string,
  names: readonly Name[],
  requested: { readonly [name in Name]?: number } | undefined,
): Promise<Record<Name, number>> {
  const before = await readPorts(file);
  const chosen: Partial<Record<Name, number>> = {};
  for (const name of names) {
    const request = requested?.[name];
    if (request !== undefined && !(await isFree(request))) throw portTaken(name, request);
    const candidate = request ?? before[name];
    const taken = Object.values(chosen);
    const isGood = candidate !== undefined && !taken.includes(candidate) && (await isFree(candidate));
    chosen[name] = isGood ? candidate : await freePort(taken as number[]);
  }
  await writeFile(file, `${JSON.stringify(chosen, null, 2)}\n`);
  return chosen as Record<Name, number>;
}

export function portTaken(name: string, port: number): CastwatchError {
  return new CastwatchError(
    'ENVIRONMENT',
    `Port ${port} on ${loopback}, requested for the ${name}, is taken by another program.`,
    {
      remedy: 'Stop that program or give another port.',
    },
  );
}

async function readPorts(file: string): Promise<Readonly<Record<string, number>>> {
  try {
    return remembered.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    return {}; // no file yet, or a damaged one: any ports will do
  }
}

export async function isFree(port: number): Promise<boolean> {
  return (await listenOnce(port)) !== undefined;
}

export async function freePort(except: readonly number[]): Promise<number> {
  for (;;) {
    const port = await listenOnce(0);
    if (port !== undefined && !except.includes(port)) return port;
  }
}

/** Tries to listen on the port. Returns the port, or undefined when it is taken. */
function listenOnce(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => {
      resolve(undefined);
    });
    server.listen(port, loopback, () => {
      const address = server.address();
      const given = typeof address === 'object' && address !== null ? address.port : undefined;
      server.close(() => {
        resolve(given);
      });
    });
  });
}
