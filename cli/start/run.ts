/** Runs `start`: parts, topics and tables, roles, and the status line for the operator. */
import { join } from 'node:path';
import type { Pool } from 'pg';
import { hasChampion } from '../../models/bundle/champion-file.ts';
import { bundleRoots } from '../../models/bundle/places.ts';
import { isFree, portTaken } from '../../local/ports.ts';
import { noteRunning } from '../../local/running.ts';
import { removeLocalData, requireNotRunning } from '../../local/stack.ts';
import type { ProcessDefinition } from '../../processes/schema.ts';
import type { PublishSummary } from '../../sources/publish/publish.ts';
import type { Replayable, Source } from '../../sources/source.ts';
import { createLogger, type Logger } from '../../telemetry/log.ts';
import { malformedText } from '../../base/malformed.ts';
import { dataFolder, readConfig, type Config } from '../../roles/config.ts';
import { openKafka, openPool, type Kafka } from '../../roles/connections.ts';
import { openDefinition } from '../../roles/open-definition.ts';
import { positionsFolder } from '../../roles/source.ts';
import { openSource, requireReplayable } from '../../sources/open.ts';
import { modelsFolder } from '../../roles/open-registry.ts';
import { markTopics, type Marks } from '../../proof/ingress.ts';
import { throughOutages, type OutageOptions } from '../../proof/outages.ts';
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
import { check, requireReconciled, type RunSummary } from './summary.ts';
import type { SupervisedRole } from './supervisor.ts';
import { describePlaces, openTerminal, type Terminal } from './terminal.ts';
import { startWatch, type Watch } from './watch.ts';

/** What the functions of a run share. */
interface Run {
  readonly flags: StartFlags;
  readonly config: Config;
  readonly definition: ProcessDefinition;
  /** Undefined with `--source none`. */
  readonly source: Source | undefined;
  /** Only a simulation reads it. */
  readonly time: SimulatedTime;
  readonly dataDir: string;
  readonly port: number;
  readonly terminal: Terminal;
  readonly log: Logger;
  readonly ending: Ending;
  /** How to stop everything that was started, newest last. */
  readonly stops: Stop[];
}

/** @throws CastwatchError when the run cannot start or continue, or when the results do not reconcile */
export async function runStart(flags: StartFlags): Promise<void> {
  const config = readConfig();
  const definition = openDefinition(flags);
  const dataDir = dataFolder(config, definition.process);
  const time = simulatedTime(flags, config, dataDir);
  const { startTime } = time;
  // The source is opened first, so that a mistake in the flags fails before anything starts.
  const source = await openPublished(flags, definition, positionsFolder(dataDir, config), startTime);
  const port = flags.port ?? config.GATEWAY_PORT;
  await requireNotRunning(dataDir);
  if (port !== 0 && !(await isFree(port))) throw portTaken('console', port);
  if (flags.fresh) await removeLocalData(dataDir);

  const terminal = openTerminal(process.stderr, flags.json);
  // The terminal says what the operator should know; the log keeps details for later.
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

/** The source to compare the results with. @throws CastwatchError CONFIGURATION when the source is live */
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
      'there is no model for this process yet, so predictions will have the status UNAVAILABLE; to train one, see `npm run train -- --help`',
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
    log.warn({ err: error }, 'the status line could not be updated');
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
    // the value that `publish` resolved with in the process of the role
    const unread = malformedText((summary as PublishSummary | undefined)?.malformed ?? {});
    terminal.say('the source has ended');
    if (unread !== undefined) terminal.say(`some of its input could not be read: ${unread}`);
  }
  if (flags.untilDone) await finish(run, { kafka, pool, watch, roles, status, since, began });
  else await ending.orAsked(new Promise<never>(() => undefined));
}

/** Time in which new consumer groups form; until then a waiting role is not reported as a problem. */
const joiningMs = 15_000;

const stopOf = (role: SupervisedRole): Stop => ({ what: `the ${role.name} role`, stop: () => role.stop() });

function roleEvents({ terminal, ending }: Run, logDir: string): Parameters<typeof roleLauncher>[0]['events'] {
  return {
    onRestart: (name, how, attempt) => {
      terminal.say(`the ${name} role ended (${how}); restarting it, attempt ${attempt}`);
    },
    onGivenUp: (name, how) => {
      ending.fail(
        `the ${name} role ended (${how}) and will not be restarted; see its log ${join(logDir, `${name}.log`)}`,
      );
    },
  };
}

/** Shows the status line. @returns a function that ends it */
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

/** Waits until everything is stored, compares it with the oracle, and prints one line of JSON on stdout. */
async function finish(run: Run, { kafka, pool, watch, roles, status, since, began }: Running): Promise<void> {
  const { definition, source, terminal, ending } = run;
  const hopeless = (): string | undefined =>
    ending.isAsked() ? 'the run is being stopped' : haltedOf(roles);
  const patient = { hopeless, onOutage: sayOnce(terminal) };
  await ending.orAsked(untilSettled({ ...kafka, pool }, patient));
  if (ending.isAsked()) return;
  const wallTimeSeconds = Math.round(performance.now() - began) / 1000;
  status();
  terminal.say('everything is processed and stored; comparing it with the oracle …');
  const feed = source === undefined ? undefined : { source: compared(source), since };
  const compare = (): Promise<RunSummary> =>
    check({
      kafka,
      pool,
      definition,
      feed,
      wallTimeSeconds,
      latency: watch.latency(),
      modelsFolder: modelsFolder(run.config),
    });
  const summary = await ending.orAsked(throughOutages(compare, patient));
  if (summary === undefined) return;
  process.stdout.write(`${JSON.stringify(summary)}\n`);
  requireReconciled(summary);
}

/** The operator reads once that a server is away; the run goes on when it is back. */
function sayOnce(terminal: Terminal): NonNullable<OutageOptions['onOutage']> {
  let isSaid = false;
  return (error) => {
    if (isSaid) return;
    isSaid = true;
    terminal.say(`a server does not answer; waiting for it: ${error.message}`);
  };
}
