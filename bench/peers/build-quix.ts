/** Builds the Quix Streams peer: a virtual environment of Python with its packages, installed by pip. Builds again only after a change. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { partsFolder } from '../../local/parts/java-parts.ts';
import { hashOf, once } from './peer-parts.ts';

const run = promisify(execFile);
const folder = join(import.meta.dirname, 'quix');
const requirements = join(folder, 'requirements.txt');

/** The oldest version of Python that Quix Streams supports. */
const leastVersion = [3, 11] as const;
const installTimeoutMs = 300_000;

export type BuiltQuixPeer =
  /** `python` is the interpreter that runs the script `app`. */
  | { readonly kind: 'built'; readonly python: string; readonly app: string }
  | { readonly kind: 'missing'; readonly why: string };

export async function buildQuixPeer(say: (line: string) => void): Promise<BuiltQuixPeer> {
  const found = await findPython();
  if (found === undefined)
    return {
      kind: 'missing',
      why: `it needs Python from ${leastVersion.join('.')} on, with venv; none was found on the path`,
    };
  const environment = join(partsFolder, `quix-peer-${await hashOf([requirements])}-${found.version}`);
  try {
    await once(environment, async (into) => {
      say('downloading the Python packages of the Quix Streams peer …');
      await run(found.command, ['-m', 'venv', into], { timeout: installTimeoutMs });
      await run(
        join(into, 'bin', 'python'),
        [
          ...['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--retries', '1'],
          // Installs exactly the listed packages, and none that runs code during its installation.
          ...['--no-deps', '--only-binary', ':all:', '--requirement', requirements],
        ],
        { timeout: installTimeoutMs },
      );
    });
  } catch (error) {
    return { kind: 'missing', why: `its Python packages could not be installed: ${lastLine(error)}` };
  }
  return { kind: 'built', python: join(environment, 'bin', 'python'), app: join(folder, 'src', 'app.py') };
}

interface Python {
  readonly command: string;
  readonly version: string;
}

/** Finds the first interpreter that is new enough and can make virtual environments. */
export async function findPython(
  commands: readonly string[] = ['python3', 'python3.14', 'python3.13', 'python3.12', 'python3.11'],
): Promise<Python | undefined> {
  const script = 'import ensurepip, sys, venv; print("%d.%d" % sys.version_info[:2])';
  for (const command of commands) {
    const version = await run(command, ['-c', script], { timeout: 15_000 }).then(
      ({ stdout }) => stdout.trim(),
      () => undefined, // the command is missing, or has no venv
    );
    if (version !== undefined && isNewEnough(version)) return { command, version };
  }
  return undefined;
}

/** @param version `3.11` */
export function isNewEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > leastVersion[0] || (major === leastVersion[0] && minor >= leastVersion[1]);
}

function lastLine(error: unknown): string {
  const text = error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error);
  return text.trim().split('\n').at(-1) ?? '';
}
