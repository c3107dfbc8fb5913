/** Java libraries, as they come with the local broker and registry: the other side of what we write and read. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { join } from 'node:path';
import { findJdk } from '../../local/parts/jdk.ts';
import { partFolder } from '../../local/parts/java-parts.ts';

const peers = join(import.meta.dirname, '..', 'peers');

/** Avro in Java, as it comes with the local registry. @returns the bytes of each value, without the registry's header */
export async function javaEncodes(
  values: readonly { readonly schema: string; readonly json: string }[],
): Promise<readonly Buffer[]> {
  const classes = join(await partFolder('registry'), 'lib', 'main', '*');
  const lines = values.map(({ schema, json }) => `${schema}\t${json}`);
  const output = await run('AvroPeer.java', classes, [], lines);
  return output
    .trimEnd()
    .split('\n')
    .map((hex) => Buffer.from(hex, 'hex'));
}

/** Writes the values to partition 0 of each topic, with the codec that it is listed under. */
export async function javaProduces(
  brokers: readonly string[],
  topics: ReadonlyMap<string, string>,
  values: readonly string[],
): Promise<void> {
  const targets = [...topics].map(([codec, topic]) => `${codec}=${topic}`);
  await runKafka(['write', brokers.join(','), ...targets], values);
}

/** @returns by topic: the first `count` committed values of partition 0 */
export async function javaConsumes(
  brokers: readonly string[],
  topics: readonly string[],
  count: number,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const output = await runKafka(['read', brokers.join(','), String(count), ...topics], []);
  const read = new Map<string, string[]>(topics.map((topic) => [topic, []]));
  for (const line of output.trimEnd().split('\n')) {
    const [topic = '', value = ''] = line.split('\t');
    read.get(topic)?.push(value);
  }
  return read;
}

const runKafka = async (args: readonly string[], lines: readonly string[]): Promise<string> =>
  run('KafkaPeer.java', join(await partFolder('kafka'), '*'), args, lines);

async function run(
  source: string,
  classes: string,
  args: readonly string[],
  lines: readonly string[],
): Promise<string> {
  const { java } = await findJdk();
  const peer = spawn(java, ['-XX:TieredStopAtLevel=1', '-cp', classes, join(peers, source), ...args]);
  const output = Promise.all([text(peer.stdout), text(peer.stderr), once(peer, 'exit')]);
  peer.stdin.end(lines.map((line) => `${line}\n`).join(''));
  const [out, errors] = await output;
  if (peer.exitCode !== 0)
    throw new Error(`${source} ${args.join(' ')} ended with ${String(peer.exitCode)}: ${errors}`);
  return out;
}
