/**
 * Runs before `npm start` and `npm test`, on Node 20 or newer. Makes node_modules match the lock file, which installs
 * Node 24. Then that Node fetches the Java parts. When nothing has changed, it prints nothing and takes a moment.
 */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { clearInterval, setInterval } from 'node:timers';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const stamp = join(root, 'node_modules', '.castwatch-setup');
const lock = join(root, '.castwatch', 'setup.lock');
const node24 = join(root, 'node_modules', '.bin', process.platform === 'win32' ? 'node.cmd' : 'node');

const wanted = createHash('sha256')
  .update(readFileSync(join(root, 'package-lock.json')))
  .update(`${process.platform}-${process.arch}`)
  .digest('hex');

function isInstalled() {
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted && existsSync(node24);
}

function fail(sentence) {
  console.error(`castwatch set-up: ${sentence}`);
  process.exit(69);
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** Allows one set-up at a time in a folder. The next waits until the first is done or dead. */
async function withLock(work) {
  mkdirSync(dirname(lock), { recursive: true });
  let said = false;
  for (;;) {
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx' });
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') fail(`cannot write ${lock}: ${error.message}. Make the folder writable.`);
    }
    const holder = Number.parseInt(readOrEmpty(lock), 10);
    // A lock file without a pid is new. If it stays so, its writer is dead.
    const dead = Number.isNaN(holder) ? ageMs(lock) > 5_000 : !isAlive(holder);
    if (dead) {
      rmSync(lock, { force: true });
      continue;
    }
    if (!said) console.error(`castwatch set-up: waiting for another set-up (process ${holder}) to finish`);
    said = true;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 250);
  }
  try {
    await work();
  } finally {
    rmSync(lock, { force: true });
  }
}

function readOrEmpty(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function ageMs(file) {
  try {
    return Date.now() - statSync(file).mtimeMs;
  } catch {
    return 0;
  }
}

/** npm itself shows nothing for minutes where the output is not a terminal. */
const reportEveryMs = 5_000;

/** Says how far npm is: it makes one folder for each package. */
function reportProgress() {
  const begun = Date.now();
  const all = Object.keys(JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages ?? {});
  const total = new Set(all.map(topFolder).filter((name) => name !== undefined)).size;
  const timer = setInterval(() => {
    const seconds = Math.round((Date.now() - begun) / 1_000);
    console.error(`castwatch set-up: ${seconds} s, ${countFolders()} of at most ${total} packages are there`);
  }, reportEveryMs);
  return () => clearInterval(timer);
}

/** `node_modules/@a/b/node_modules/c` → `@a`; the folders of a scope count as one. */
const topFolder = (path) => /^node_modules\/([^/]+)/.exec(path)?.[1];

function countFolders() {
  try {
    return readdirSync(join(root, 'node_modules')).filter((name) => !name.startsWith('.')).length;
  } catch {
    return 0;
  }
}

/** Resolves with npm's exit status, or with the error that kept it from starting. */
function runNpm(command, args) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: root,
      stdio: ['ignore', 2, 2],
      env: { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'skip' },
    });
    child.once('error', (error) => resolve({ error, status: null }));
    child.once('exit', (status) => resolve({ status }));
  });
}

async function install() {
  if (isInstalled()) return;
  console.error('castwatch set-up: installing packages (npm ci) …');
  const npm = process.env.npm_execpath;
  // Use the Node that runs npm: npm is about to replace the one in node_modules.
  const node = process.env.npm_node_execpath ?? process.execPath;
  const [command, args] = npm === undefined ? ['npm', ['ci']] : [node, [npm, 'ci']];
  const endReports = reportProgress();
  const result = await runNpm(command, [...args, '--no-audit', '--no-fund', '--loglevel=error']);
  endReports();
  if (result.error !== undefined)
    fail(`npm did not start: ${result.error.message}. Install npm and try again.`);
  if (result.status !== 0) {
    fail(
      'npm ci failed (its message is above). Check the network and the npm registry setting, then try again.',
    );
  }
  if (!existsSync(node24)) {
    fail(
      'npm ci installed no Node 24 in node_modules/.bin. Allow install scripts (no --ignore-scripts) and try again.',
    );
  }
  writeFileSync(stamp, wanted);
}

if (Number.parseInt(process.versions.node, 10) < 20)
  fail(
    `this is Node ${process.versions.node}; the set-up needs Node 20 or newer. Install one and try again.`,
  );
if (!isInstalled()) await withLock(install);

const parts = spawnSync(node24, [join(root, 'local/parts/fetch-parts.ts'), ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
});
if (parts.status !== 0) process.exit(parts.status ?? 1);
