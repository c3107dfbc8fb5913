/**
 * Runs before `npm start` and `npm test`, on Node 20 or newer. Makes node_modules match the lock file, which installs
 * Node 24. Then that Node fetches the Java parts. When nothing has changed, it prints nothing and takes a moment.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
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
function withLock(work) {
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
    work();
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

function install() {
  if (isInstalled()) return;
  console.error('castwatch set-up: installing packages (npm ci) …');
  const npm = process.env.npm_execpath;
  // Use the Node that runs npm: npm is about to replace the one in node_modules.
  const node = process.env.npm_node_execpath ?? process.execPath;
  const [command, args] = npm === undefined ? ['npm', ['ci']] : [node, [npm, 'ci']];
  const result = spawnSync(command, [...args, '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    env: { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'skip' },
  });
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

if (!isInstalled()) withLock(install);

const parts = spawnSync(node24, [join(root, 'local/parts/fetch-parts.ts'), ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
});
if (parts.status !== 0) process.exit(parts.status ?? 1);
