import { strict as assert } from 'node:assert';
import { stopAll } from '../../../cli/start/stops.ts';

describe('cli/start/stops', () => {
  it('stops the newest first, says what it waits for, and when it is done', async () => {
    const lines: string[] = [];
    const say = (line: string): void => {
      lines.push(line.trim());
    };
    const stops = ['the local stack', undefined, 'the sink role'].map((what) => ({
      ...(what === undefined ? {} : { what }),
      stop: async () => {
        await Promise.resolve();
        say(`ended ${what ?? 'a connection'}`);
      },
    }));
    await stopAll(stops, { say });
    assert.deepEqual(lines, [
      'stopping in order; press Ctrl-C again to end at once',
      'stopping the sink role …',
      'ended the sink role',
      'ended a connection',
      'stopping the local stack …',
      'ended the local stack',
      'stopped',
    ]);
  });

  it('says nothing when nothing was started', async () => {
    await stopAll([], { say: (line) => assert.fail(line) });
  });
});
