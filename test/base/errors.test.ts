import assert from 'node:assert/strict';
import { CastwatchError, exitCodes, toError } from '../../base/errors.ts';

describe('base/errors', () => {
  it('carries code, remedy and cause', () => {
    const cause = new Error('refused');
    const error = new CastwatchError('DATABASE_UNAVAILABLE', 'no database', { cause, remedy: 'Start it.' });
    assert.deepEqual(
      [error.name, error.code, error.message, error.remedy, error.cause],
      ['CastwatchError', 'DATABASE_UNAVAILABLE', 'no database', 'Start it.', cause],
    );
  });

  it('has an exit code other than success for every error', () => {
    for (const [code, exit] of Object.entries(exitCodes)) assert.ok(exit > 0 && exit < 128, code);
  });

  it('makes an error of any thrown value', () => {
    const error = new Error('one');
    assert.equal(toError(error), error);
    assert.equal(toError('two').message, 'two');
  });
});
