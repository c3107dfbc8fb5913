import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { exitCodes } from '../../base/errors.ts';

const run = promisify(execFile);
const module = join(import.meta.dirname, '../../telemetry/log.ts');

/** What a process that logs writes to stderr, line by line. */
async function logged(statement: string, env: NodeJS.ProcessEnv = {}): Promise<readonly unknown[]> {
  const program = `import { createLogger } from ${JSON.stringify(module)}; const log = createLogger('sink'); ${statement}`;
  const { stdout, stderr } = await run(process.execPath, ['--input-type=module', '-e', program], {
    env: { ...process.env, LOG_LEVEL: 'info', ...env },
  });
  assert.equal(stdout, '', 'stdout is for results');
  return stderr
    .split('\n')
    .filter((line) => line !== '')
    .map((line): unknown => JSON.parse(line));
}

const ecs = z.object({
  '@timestamp': z.iso.datetime(),
  'log.level': z.string(),
  message: z.string(),
  'ecs.version': z.string(),
  'service.name': z.literal('castwatch-sink'),
});

const repeating = z.object({ step: z.string(), cause: z.string(), repeated: z.number().optional() });

describe('telemetry/log', () => {
  it('writes one line of Elastic Common Schema per message, to stderr', async () => {
    const [line, ...more] = await logged(`log.info({ topic: 't' }, 'stored'); log.debug('not shown')`);
    assert.equal(ecs.parse(line).message, 'stored');
    assert.deepEqual(more, []);
  });

  it('has written everything when the process ends at once', async () => {
    assert.equal((await logged(`for (let i = 0; i < 500; i++) log.info('w'); process.exit(0)`)).length, 500);
  });

  it('writes a warning that repeats once, and then how often it came', async () => {
    const outage = `for (let i = 0; i < 500; i++)
      for (const step of ['validate', 'features'])
        log.warn({ step, cause: 'connect ECONNREFUSED 127.0.0.1:' + i }, 'joining again');
      log.warn({ step: 'validate', cause: 'the state cannot be read' }, 'joining again');
      process.exit(0)`;
    const lines = z.array(repeating).parse(await logged(outage));
    assert.deepEqual(
      lines.map(({ step, cause, repeated }) => [step, cause, repeated]),
      [
        ['validate', 'connect ECONNREFUSED 127.0.0.1:0', undefined],
        ['features', 'connect ECONNREFUSED 127.0.0.1:0', undefined],
        ['validate', 'the state cannot be read', undefined],
        ['validate', 'connect ECONNREFUSED 127.0.0.1:499', 499],
        ['features', 'connect ECONNREFUSED 127.0.0.1:499', 499],
      ],
    );
  });

  it('writes every line of every level when an operator asks for details', async () => {
    const lines = await logged(`for (let i = 0; i < 5; i++) log.warn('w'); process.exit(0)`, {
      LOG_LEVEL: 'debug',
    });
    assert.equal(lines.length, 5);
  });

  it('follows LOG_LEVEL', async () => {
    assert.equal((await logged(`log.debug('shown')`, { LOG_LEVEL: 'debug' })).length, 1);
  });
});

describe('telemetry/errors', () => {
  it('ends every kind of failure with a status that is not success', () => {
    for (const [code, status] of Object.entries(exitCodes)) assert.ok(status > 0 && status < 126, code);
  });
});
