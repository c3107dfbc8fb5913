/** Apache Kafka in KRaft mode: one node that is both broker and controller. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Kafka, logLevel } from 'kafkajs';
import { fixKafkajs } from '../stream/index.ts';
import type { Part, PartSettings } from './parts/part.ts';
import { partFolder } from './parts/java-parts.ts';
import { loopback } from './ports.ts';

const run = promisify(execFile);
/** Any id is valid for a cluster of one node. */
const clusterId = 'Y2FzdHdhdGNoLWxvY2FsMQ';

export interface KafkaPorts {
  readonly broker: number;
  readonly controller: number;
}

/** A second listener. The broker directs clients of `port` to the port `advertised`, where a proxy may listen. */
export interface SecondListener {
  readonly port: number;
  readonly advertised: number;
}

export async function kafkaPart(
  settings: PartSettings,
  ports: KafkaPorts,
  second?: SecondListener,
): Promise<Part> {
  const folder = join(settings.dataDir, 'kafka');
  const properties = join(folder, 'server.properties');
  const classes = join(await partFolder('kafka'), '*');
  const java = [
    '-Xmx512m',
    '-XX:+UseSerialGC',
    // A short-lived broker does not regain the time of the optimising compiler.
    ...(settings.shortLived ? ['-XX:TieredStopAtLevel=1'] : cdsArchive(folder)),
    '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
    '-Dorg.slf4j.simpleLogger.showDateTime=true',
    '-cp',
    classes,
  ];
  return {
    name: 'kafka',
    title: 'Kafka broker',
    async prepare() {
      await mkdir(join(folder, 'log'), { recursive: true });
      await writeFile(properties, serverProperties(join(folder, 'log'), ports, second));
      if (existsSync(join(folder, 'log', 'meta.properties'))) return;
      const format = [
        'kafka.tools.StorageTool',
        'format',
        '--ignore-formatted',
        '-t',
        clusterId,
        '-c',
        properties,
      ];
      await run(settings.java, [...java, ...format]);
    },
    command: {
      file: settings.java,
      args: [...java, 'kafka.Kafka', properties],
      logFile: join(settings.logDir, 'kafka.log'),
      stopSignal: 'SIGTERM',
      stopTimeoutMs: 20_000,
    },
    readyTimeoutMs: 60_000,
    async isReady() {
      fixKafkajs();
      const kafka = new Kafka({
        clientId: 'castwatch-local',
        brokers: [`${loopback}:${String(ports.broker)}`],
        logLevel: logLevel.NOTHING,
        connectionTimeout: 1_000,
        requestTimeout: 2_000,
        retry: { retries: 0 },
      });
      const admin = kafka.admin();
      try {
        await admin.connect();
        return (await admin.describeCluster()).brokers.length > 0;
      } catch {
        return false;
      } finally {
        await admin.disconnect().catch(() => undefined);
      }
    },
  };
}

/** Shares the classes that the last run parsed: the second start takes half the time. */
export function cdsArchive(folder: string): string[] {
  return [
    '-XX:+AutoCreateSharedArchive',
    `-XX:SharedArchiveFile=${join(folder, 'classes.jsa')}`,
    '-Xlog:cds=off',
    '-Xlog:cds+dynamic=off',
  ];
}

function serverProperties(logDir: string, ports: KafkaPorts, second: SecondListener | undefined): string {
  const broker = `PLAINTEXT://${loopback}:${String(ports.broker)}`;
  const controller = `${loopback}:${String(ports.controller)}`;
  const more = (port: number | undefined): string =>
    port === undefined ? '' : `,SECOND://${loopback}:${String(port)}`;
  const settings = {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@${controller}`,
    listeners: `${broker},CONTROLLER://${controller}${more(second?.port)}`,
    'advertised.listeners': `${broker}${more(second?.advertised)}`,
    'controller.listener.names': 'CONTROLLER',
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SECOND:PLAINTEXT',
    'log.dirs': logDir.replaceAll('\\', '/'),
    'auto.create.topics.enable': false,
    // One broker: one replica of everything.
    'offsets.topic.replication.factor': 1,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'share.coordinator.state.topic.replication.factor': 1,
    'share.coordinator.state.topic.min.isr': 1,
    'offsets.topic.num.partitions': 4,
    'transaction.state.log.num.partitions': 4,
    'share.coordinator.state.topic.num.partitions': 1,
    // Start fast, and detect dead members fast.
    'group.initial.rebalance.delay.ms': 0,
    'group.min.session.timeout.ms': 1_000,
    // How long a killed broker's registration blocks its successor's. With less than Kafka's default, a busy machine may lose
    // the broker again while it starts, and with it all leaders and coordinators.
    'broker.session.timeout.ms': 9_000,
    'broker.heartbeat.interval.ms': 1_000,
    'transaction.max.timeout.ms': 60_000,
    'transaction.abort.timed.out.transaction.cleanup.interval.ms': 1_000,
    // The defaults are for a dedicated machine; these are smaller.
    'num.io.threads': 4,
    'num.network.threads': 2,
    'log.cleaner.dedupe.buffer.size': 16_777_216,
    'log.index.size.max.bytes': 1_048_576,
    // Replayed records have old timestamps; the broker must not delete them minutes after they were written.
    'log.retention.check.interval.ms': 86_400_000,
    'log.initial.task.delay.ms': 3_600_000,
  };
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${String(value)}\n`)
    .join('');
}
