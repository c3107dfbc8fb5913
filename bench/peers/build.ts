/** Builds the Kafka Streams peer: Maven downloads the libraries, and the JDK compiles the sources. Builds again only after a change. */
import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { findJdk } from '../../local/parts/jdk.ts';
import { partsFolder } from '../../local/parts/java-parts.ts';
import { hashOf, once } from './peer-parts.ts';

const run = promisify(execFile);
const folder = join(import.meta.dirname, 'kafka-streams');
const pom = join(folder, 'pom.xml');
const mavenPlugin = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1';

export interface BuiltPeer {
  readonly java: string;
  readonly classpath: string;
}

export async function buildKafkaStreamsPeer(): Promise<BuiltPeer> {
  const { java, home } = await findJdk();
  const sources = (await readdir(join(folder, 'src'))).sort().map((name) => join(folder, 'src', name));
  const libraries = join(partsFolder, `kafka-streams-${await hashOf([pom])}`);
  const classes = join(partsFolder, `kafka-streams-peer-${await hashOf([pom, ...sources])}`);
  await once(libraries, (into) =>
    run(process.platform === 'win32' ? 'mvn.cmd' : 'mvn', [
      ...['--batch-mode', '--quiet', `--file=${pom}`],
      ...[`${mavenPlugin}:copy-dependencies`, `-DoutputDirectory=${into}`],
    ]),
  );
  await once(classes, (into) =>
    run(join(home, 'bin', 'javac'), ['-cp', join(libraries, '*'), '-d', into, ...sources]),
  );
  return { java, classpath: [classes, join(libraries, '*')].join(delimiter) };
}
