/** The main job: parts, topics, roles, and a person who watches. */
import { join } from 'node:path';
import type { Pool } from 'pg';
import { hasChampion } from '../../models/bundle/champion-file.ts';
import { bundleRoots } from '../../models/bundle/places.ts';
import { isFree, portTaken } from '../../local/ports.ts';
import { noteRunning } from '../../local/running.ts';
import { removeLocalData, requireNotRunning } from '../../local/stack.ts';
import type { ProcessDefinition } from '../../processes/schema.ts';
import type { PublishSummary } from '../../sources/publish.ts';
import type { Replayable, Source } from '../../sources/source.ts';
import { createLogger, type Logger } from '../../telemetry/log.ts';
import { malformedText } from '../../base/malformed.ts';
import { dataFolder, readConfig, type Config } from '../../roles/config.ts';
import { openKafka, openPool, type Kafka } from '../../roles/connections.ts';
import { openDefinition } from '../../roles/plant.ts';
import { positionsFolder } from '../../roles/source.ts';
import { openSource, requireReplayable } from '../../sources/open.ts';
import { modelsFolder } from '../../roles/models.ts';
import { markTopics, type Marks } from '../../proof/ingress.ts';
import { untilSettled } from '../../proof/settle.ts';
import { requirePaced } from '../options.ts';
import { listenForTheEnd, type Ending } from './ending.ts';
import { isSimulated, rememberSimulation, simulatedTime, type SimulatedTime } from './first-scan.ts';
import type { StartFlags } from './flags.ts';
import { openBrowser } from './open-browser.ts';
import { bringUp, prepareParts } from './parts.ts';
import { haltedOf, problemsOf } from './problems.ts';
import { roleLauncher } from './roles.ts';
import { stopAll, type Stop } from './stops.ts';
import { check, requireReconciled } from './summary.ts';
import type { SupervisedRole } from './supervisor.ts';
import { describePlaces, openTerminal, type Terminal } from './terminal.ts';
import { startWatch, type Watch } from './watch.ts';

/** What a run has to do with. */
interface Run {
  readonly flags: StartFlags;
  readonly config: Config;
  readonly definition: ProcessDefinition;
  /** Undefined when nothing is to be published. */
  readonly source: Source | undefined;
  /** Of a simulation. */
  readonly time: SimulatedTime;
  readonly dataDir: string;
  readonly port: number;
  readonly terminal: Terminal;
  readonly log: Logger;
  readonly ending: Ending;
  /** Of everything that was started, newest last. */
  readonly stops: Stop[];
}

/** @throws CastwatchError when it cannot start or go on, or when the results do not reconcile */
export async function runStart(flags: StartFlags): Promise<void> {
  const config = readConfig();
  const definition = openDefinition(flags);
  const dataDir = dataFolder(config, definition.process);
  const time = simulatedTime(flags, config, dataDir);
  const { startTime } = time;
  // Opened first: a mistake in the flags should not cost a start.
  const source = await openPublished(flags, definition, positionsFolder(dataDir, config), startTime);
  const port = flags.port ?? config.GATEWAY_PORT;
  await requireNotRunning(dataDir);
  if (port !== 0 && !(await isFree(port))) throw portTaken('console', port);
  if (flags.fresh) await removeLocalData(dataDir);

  const terminal = openTerminal(process.stderr, flags.json);
  // What people should know is said in plain lines; the log is for what is looked for.
  const log = createLogger('start', config.LOG_LEVEL === 'info' ? 'error' : config.LOG_LEVEL);
  const ending = listenForTheEnd();
  const stops: Stop[] = [];
  try {
    await work({ flags, config, definition, source, time, dataDir, port, terminal, log, ending, stops });
  } finally {
    terminal.close();
    await stopAll(stops, terminal);
    ending.forget();
  }
}

async function openPublished(
  flags: StartFlags,
  definition: ProcessDefinition,
  positions: string,
  startTime: number,
): Promise<Source | undefined> {
  if (flags.source === 'none') return undefined;
  requirePaced(flags.source, flags.speed);
  const source = await openSource(definition, { ...flags, source: flags.source, startTime }, { positions });
  if (flags.untilDone) compared(source);
  return source;
}

/** What the results are compared with. @throws CastwatchError CONFIGURATION when the source is live */
const compared = (source: Source): Replayable =>
  requireReplayable(source, '--until-done', 'compares the results with the records, read again');

async function work(run: Run): Promise<void> {
  const { flags, config, dataDir, terminal, log, ending, stops } = run;
  const { addresses, stack } = await bringUp({
    config,
    dataDir,
    log,
    say: (line) => {
      terminal.say(line);
    },
    onLost: ending.fail,
  });
  if (stack !== undefined) stops.push({ what: 'the local stack', stop: () => stack.stop() });
  if (ending.isAsked()) return;

  if (!bundleRoots(modelsFolder(config)).some((root) => hasChampion(run.definition.process, root))) {
    terminal.say(
      'there is no model for this process yet: predictions will say so; see `npm run train -- --help`',
    );
  }
  const prefix = config.TOPIC_PREFIX;
  for (const remark of await prepareParts(addresses, prefix, run.definition, log)) terminal.say(remark);
  const kafka = await openKafka({ ...addresses, prefix, clientId: 'castwatch-start', log });
  stops.push({ stop: () => kafka.close() });
  const pool = openPool(addresses.databaseUrl);
  stops.push({ stop: () => pool.end() });

  const logDir = join(dataDir, 'logs');
  const events = roleEvents(run, logDir);
  const launch = roleLauncher({ ...run, addresses, logDir, events });
  const roles = (['process', 'sink', 'gateway'] as const).map((name) => launch(name));
  stops.push(...roles.map(stopOf));
  const urls = await ending.orAsked(Promise.all(roles.map(({ ready }) => ready)));
  const url = urls?.find((each) => each !== undefined);
  if (url === undefined) return;
  if (stack !== undefined) await noteRunning(dataDir, { consoleUrl: url });
  terminal.say(describePlaces(addresses, url, logDir));
  if (flags.open) openBrowser(url);

  const watch = await startWatch(kafka, pool, (error) => {
    log.warn({ err: error }, 'the status line is behind');
  });
  stops.push({ stop: () => watch.stop() });
  const status = showStatus(run, watch, roles);

  const since = await markTopics(kafka);
  const began = performance.now();
  if (run.source !== undefined) {
    if (isSimulated(flags) && stack !== undefined) rememberSimulation(dataDir, flags, run.time);
    const role = launch('source');
    roles.push(role);
    stops.push(stopOf(role));
    const summary = await ending.orAsked(role.finished);
    if (ending.isAsked()) return;
    // what `publish` resolved with in the role's process
    const unread = malformedText((summary as PublishSummary | undefined)?.malformed ?? {});
    terminal.say('the source has come to its end');
    if (unread !== undefined) terminal.say(`not readable in its files: ${unread}`);
  }
  if (flags.untilDone) await finish(run, { kafka, pool, watch, roles, status, since, began });
  else await ending.orAsked(new Promise<never>(() => undefined));
}

/** So long, groups that are being made for the first time may keep their members waiting. */
const joiningMs = 15_000;

const stopOf = (role: SupervisedRole): Stop => ({ what: `the ${role.name} role`, stop: () => role.stop() });

function roleEvents({ terminal, ending }: Run, logDir: string): Parameters<typeof roleLauncher>[0]['events'] {
  return {
    onRestart: (name, how, attempt) => {
      terminal.say(`the ${name} role ended (${how}); starting it again, attempt ${attempt}`);
    },
    onGivenUp: (name, how) => {
      ending.fail(
        `the ${name} role ended (${how}) and was given up; its log is ${join(logDir, `${name}.log`)}`,
      );
    },
  };
}

/** @returns how to end it */
function showStatus({ terminal, stops }: Run, watch: Watch, roles: readonly SupervisedRole[]): () => void {
  const began = performance.now();
  const timer = setInterval(() => {
    terminal.status(watch.view(), problemsOf(roles, performance.now() - began < joiningMs));
  }, 500);
  const end = (): void => {
    clearInterval(timer);
    terminal.close();
  };
  stops.push({
    stop() {
      end();
      return Promise.resolve();
    },
  });
  return end;
}

interface Running {
  readonly kafka: Kafka;
  readonly pool: Pool;
  readonly watch: Watch;
  readonly roles: readonly SupervisedRole[];
  /** Ends the status line. */
  readonly status: () => void;
  readonly since: Marks;
  readonly began: number;
}

/** Waits, compares, and says it in one line of JSON on stdout. */
async function finish(run: Run, { kafka, pool, watch, roles, status, since, began }: Running): Promise<void> {
  const { definition, source, terminal, ending } = run;
  const hopeless = (): string | undefined =>
    ending.isAsked() ? 'somebody asked for the end' : haltedOf(roles);
  await ending.orAsked(untilSettled({ ...kafka, pool }, { hopeless }));
  if (ending.isAsked()) return;
  const wallTimeSeconds = Math.round(performance.now() - began) / 1000;
  status();
  terminal.say('all is processed and stored; comparing with the oracle …');
  const feed = source === undefined ? undefined : { source: compared(source), since };
  const summary = await check({
    kafka,
    pool,
    definition,
    feed,
    wallTimeSeconds,
    latency: watch.latency(),
    modelsFolder: modelsFolder(run.config),
  });
  process.stdout.write(`${JSON.stringify(summary)}\n`);
  requireReconciled(summary);
}
