/**
 * Fetches the Java parts: Kafka, the schema registry and XGBoost's native library. Maven fetches each once, from pinned
 * coordinates (*.pom.xml in this folder), into `.castwatch/parts/<name>-<version>`.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { CastwatchError } from '../../base/errors.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../..');
const mavenPlugin = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1';

/** The folder for all local files that are not in version control. */
export const localFolder = join(root, '.castwatch');
export const partsFolder = join(localFolder, 'parts');

export type PartName = 'kafka' | 'registry' | 'xgboost';

interface PartSource {
  readonly goal: 'copy-dependencies' | 'unpack-dependencies';
  readonly title: string;
  /** Pattern of the files to unpack; all when left out. */
  readonly includes?: string;
}

const sources: Readonly<Record<PartName, PartSource>> = {
  kafka: { goal: 'copy-dependencies', title: 'Apache Kafka (43 MB)' },
  registry: { goal: 'unpack-dependencies', title: 'Apicurio Registry (160 MB)' },
  xgboost: {
    goal: 'unpack-dependencies',
    title: "XGBoost's native library (16 MB)",
    includes: xgboostLibrary(),
  },
};

/** The path inside xgboost4j's jar for this machine. The file for Windows has no `lib` in its name. */
function xgboostLibrary(): string {
  const system = { linux: 'linux', darwin: 'macos', win32: 'windows' }[
    process.platform as 'linux' | 'darwin' | 'win32'
  ];
  const processor = process.arch === 'arm64' ? 'aarch64' : 'x86_64';
  const file = { linux: 'libxgboost4j.so', macos: 'libxgboost4j.dylib', windows: 'xgboost4j.dll' }[system];
  return `lib/${system}/${processor}/${file}`;
}

/** The folder of a part, whether it exists or not. Each version in the pom has a folder of its own. */
export async function partFolder(name: PartName): Promise<string> {
  const pom = await readFile(pomOf(name), 'utf8');
  const version = /<dependency>[\s\S]*?<version>([^<]+)<\/version>/.exec(pom)?.[1];
  if (version === undefined) throw new CastwatchError('BUG', `${pomOf(name)} names no version.`);
  return join(partsFolder, `${name}-${version}`);
}

/** Copies XGBoost's native library to where `models/` looks for it; that path has no version. */
async function placeXgboostLibrary(folder: string): Promise<void> {
  const place = join(partsFolder, 'xgboost', basename(xgboostLibrary()));
  await mkdir(dirname(place), { recursive: true });
  const draft = `${place}.${String(process.pid)}`;
  await copyFile(join(folder, xgboostLibrary()), draft);
  await rename(draft, place);
}

/**
 * Fetches the parts that are missing. Two runs at once are safe: each unpacks to a folder of its own and renames it at
 * the end.
 * @throws CastwatchError ENVIRONMENT when Maven is missing or cannot reach its repository.
 */
export async function ensureParts(names: readonly PartName[], say: (line: string) => void): Promise<void> {
  for (const name of names) {
    const folder = await partFolder(name);
    if (existsSync(folder)) continue;
    say(`fetching ${sources[name].title} …`);
    await fetchPart(name, folder);
  }
}

async function fetchPart(name: PartName, folder: string): Promise<void> {
  await mkdir(partsFolder, { recursive: true });
  const draft = await mkdtemp(join(partsFolder, `.${name}-`));
  try {
    await maven(name, draft);
    if (name === 'xgboost') await placeXgboostLibrary(draft);
    await rename(draft, folder).catch((error: unknown) => {
      if (!existsSync(folder)) throw error; // otherwise another run was faster, and its copy is the same
    });
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

async function maven(name: PartName, into: string): Promise<void> {
  const { goal, includes } = sources[name];
  const options = [
    '--batch-mode',
    '--quiet',
    `--file=${pomOf(name)}`,
    `-DoutputDirectory=${into}`,
    // Keeps Maven's marker files out of the project.
    `-DmarkersDirectory=${join(into, '.markers')}`,
    // Other builds may use the same local repository at this moment. Maven before 3.9 ignores these options.
    '-Daether.syncContext.named.factory=file-lock',
    '-Daether.syncContext.named.nameMapper=file-gav',
    ...(includes === undefined ? [] : [`-Dmdep.unpack.includes=${includes}`]),
  ];
  try {
    await run(process.platform === 'win32' ? 'mvn.cmd' : 'mvn', [`${mavenPlugin}:${goal}`, ...options], {
      maxBuffer: 64 * 1024 * 1024,
      shell: process.platform === 'win32',
    });
  } catch (error) {
    throw mavenFailed(name, error);
  }
}

function mavenFailed(name: PartName, error: unknown): CastwatchError {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
    return new CastwatchError(
      'ENVIRONMENT',
      `Fetching ${sources[name].title} needs Maven, but \`mvn\` is not on the path.`,
      {
        remedy: 'Install Maven and try again.',
        cause: error,
      },
    );
  }
  const output = error instanceof Error && 'stdout' in error ? String(error.stdout) : String(error);
  const reason = /\[ERROR\] (.*)/.exec(output)?.[1] ?? output.trim().split('\n')[0] ?? 'no reason given';
  return new CastwatchError('ENVIRONMENT', `Maven could not fetch ${sources[name].title}: ${reason}`, {
    remedy: "Check the network and Maven's settings (~/.m2/settings.xml), then try again.",
    cause: error,
  });
}

function pomOf(name: PartName): string {
  return join(import.meta.dirname, `${name}.pom.xml`);
}
