/** Finds a JDK that can run the broker and the schema registry. */
import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { CastwatchError } from '../../base/errors.ts';

const run = promisify(execFile);
const ownVariable = 'CASTWATCH_JAVA_HOME';
const executable = process.platform === 'win32' ? 'java.exe' : 'java';

/** What the schema registry needs; Kafka needs only 17. */
export const leastJavaVersion = 21;

export interface Jdk {
  /** Path of the `java` executable. */
  readonly java: string;
  readonly home: string;
  /** Feature version: 21, 25 … */
  readonly version: number;
}

/**
 * Returns the JDK in CASTWATCH_JAVA_HOME if that is set; else the first of version 21 or newer in JAVA_HOME, the path and
 * the usual folders.
 * @throws CastwatchError CONFIGURATION when CASTWATCH_JAVA_HOME has no suitable JDK; ENVIRONMENT when there is none; the
 *   message names those that are too old.
 */
export async function findJdk(
  environment: NodeJS.ProcessEnv = process.env,
  folders = usualFolders(),
): Promise<Jdk> {
  const own = environment[ownVariable];
  if (own !== undefined && own !== '') return requestedJdk(own);
  const tooOld: string[] = [];
  for (const home of candidates(environment, folders)) {
    const jdk = await jdkIn(home);
    if (jdk === undefined) continue;
    if (jdk.version >= leastJavaVersion) return jdk;
    tooOld.push(`${home} (${String(jdk.version)})`);
  }
  const seen =
    tooOld.length === 0 ? 'no JDK was found' : `only older versions were found: ${tooOld.join(', ')}`;
  throw new CastwatchError(
    'ENVIRONMENT',
    `Kafka and the schema registry need a JDK ${leastJavaVersion} or newer; ${seen}.`,
    {
      remedy: `Install a JDK ${leastJavaVersion} or newer, or set CASTWATCH_JAVA_HOME to its folder.`,
    },
  );
}

/** Uses the requested JDK or fails: using another one silently would hide a wrong setting. */
async function requestedJdk(home: string): Promise<Jdk> {
  const jdk = await jdkIn(home);
  if (jdk !== undefined && jdk.version >= leastJavaVersion) return jdk;
  const found = jdk === undefined ? `no ${join('bin', executable)} that runs` : `Java ${jdk.version}`;
  throw new CastwatchError('CONFIGURATION', `${ownVariable} names ${home}, which has ${found}.`, {
    remedy: `Set it to the folder of a JDK ${leastJavaVersion} or newer, or unset it; then Castwatch looks for one.`,
  });
}

async function jdkIn(home: string): Promise<Jdk | undefined> {
  const java = join(home, 'bin', executable);
  if (!existsSync(java)) return undefined;
  const version = await javaVersion(java);
  return version === undefined ? undefined : { java, home, version };
}

function candidates(environment: NodeJS.ProcessEnv, folders: readonly string[]): string[] {
  const onPath = (environment['PATH'] ?? '').split(delimiter).map((folder) => join(folder, '..'));
  const usual = folders.flatMap(homesIn);
  return [
    ...new Set(
      [environment['JAVA_HOME'], ...onPath, ...usual].filter((home) => home !== undefined && home !== ''),
    ),
  ] as string[];
}

function usualFolders(): string[] {
  return [
    '/usr/lib/jvm',
    '/usr/java',
    '/opt',
    '/opt/java',
    '/opt/homebrew/opt',
    '/usr/local/opt',
    '/Library/Java/JavaVirtualMachines',
    join(homedir(), '.sdkman/candidates/java'),
    join(homedir(), '.jdks'),
    'C:\\Program Files\\Java',
    'C:\\Program Files\\Eclipse Adoptium',
  ];
}

/** JDK homes directly below a folder; macOS and Homebrew put theirs one level deeper. */
function homesIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  try {
    return readdirSync(folder)
      .map((name) => join(folder, name))
      .flatMap((home) => [
        home,
        join(home, 'Contents/Home'),
        join(home, 'libexec/openjdk.jdk/Contents/Home'),
      ]);
  } catch {
    return []; // a folder that we may not read has no JDK that we can use
  }
}

async function javaVersion(java: string): Promise<number | undefined> {
  try {
    const { stderr, stdout } = await run(java, ['-version'], { timeout: 15_000 });
    return parseJavaVersion(stderr + stdout);
  } catch {
    return undefined; // this java does not run: it counts as absent
  }
}

/** `openjdk version "21.0.4" …` → 21; `java version "1.8.0_392"` → 8. */
export function parseJavaVersion(text: string): number | undefined {
  const match = /version "(?:1\.)?(\d+)/.exec(text);
  return match?.[1] === undefined ? undefined : Number.parseInt(match[1], 10);
}
