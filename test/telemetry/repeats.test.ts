import { strict as assert } from 'node:assert';
import { mock } from 'node:test';
import { Repeats, type RepeatCount } from '../../telemetry/repeats.ts';

describe('telemetry/repeats', () => {
  let written: (number | undefined)[];
  const write = (count?: RepeatCount): void => void written.push(count?.repeated);

  beforeEach(() => {
    written = [];
    mock.timers.enable({ apis: ['setTimeout'] });
  });
  afterEach(() => {
    mock.timers.reset();
  });

  /** One line every 100 ms. */
  const outage = (repeats: Repeats, seconds: number): void => {
    for (let i = 0; i < seconds * 10; i++) {
      repeats.line('kafka is down', write);
      mock.timers.tick(100);
    }
  };

  it('writes the first line, and counts the others at growing intervals', () => {
    outage(new Repeats({ first: 10_000, growth: 3, longest: 60_000 }), 360);
    assert.deepEqual(written, [undefined, 99, 300, 600, 600, 600, 600, 600]);
  });

  it('writes a line that comes again after a quiet interval as the first', () => {
    const repeats = new Repeats({ first: 10_000 });
    for (let i = 0; i < 3; i++) {
      repeats.line('a task ended', write);
      mock.timers.tick(10_000);
    }
    assert.deepEqual(written, [undefined, undefined, undefined]);
  });

  it('remembers a bounded number of kinds, and drops no count', () => {
    const repeats = new Repeats({ mostKinds: 10 });
    for (let kind = 0; kind < 100; kind++) for (let i = 0; i < 3; i++) repeats.line(`kind ${kind}`, write);
    assert.equal(written.filter((count) => count === 2).length, 90);
    repeats.flush();
    assert.equal(written.filter((count) => count === 2).length, 100);
    assert.equal(written.length, 200);
  });
});
