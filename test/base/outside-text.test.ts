import assert from 'node:assert/strict';
import fc from 'fast-check';
import { textFault, textLimits, unpadded, withoutPadding } from '../../base/outside-text.ts';
import { seed } from '../support/seed.ts';

describe('base/outside-text', () => {
  it('cuts the NULs that pad a string of fixed length', () => {
    assert.equal(withoutPadding('H-4711\0\0\0'), 'H-4711');
    assert.equal(withoutPadding('\0\0'), '');
    assert.equal(withoutPadding('a\0b\0'), 'a\0b');
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.nat(20), (text, padding) => {
        assert.equal(withoutPadding(`${text}x${'\0'.repeat(padding)}`), `${text}x`);
      }),
      { seed },
    );
  });

  it('refuses NUL inside, halves of surrogate pairs, replaced bytes and texts that are too long', () => {
    for (const [text, why] of [
      ['a\0b', /contains NUL/],
      ['a\ud800', /half a surrogate pair/],
      ['a\udc00b', /half a surrogate pair/],
      ['a\ufffd', /U\+FFFD/],
      ['é'.repeat(129), /258 bytes in UTF-8; 256 are allowed/],
    ] as const)
      assert.match(textFault(text, textLimits.name) ?? 'none', why);
    for (const text of ['', 'plain', 'é'.repeat(128), '🌡 °C', '\u0001\t'])
      assert.equal(textFault(text, 256), undefined);
  });

  it('cuts padding in JSON, in names of fields too, and counts it', () => {
    assert.deepEqual(unpadded({ a: 'x\0', 'b\0\0': [{ c: 'y\0' }, 1, null] }), {
      json: { a: 'x', b: [{ c: 'y' }, 1, null] },
      padded: 3,
    });
    const clean = { a: ['x', { b: 2 }] };
    assert.equal(unpadded(clean).json, clean, 'the same object');
  });

  it('walks JSON of any depth', () => {
    const deep: unknown = JSON.parse(`${'['.repeat(20_000)}"x"${']'.repeat(20_000)}`);
    assert.equal(unpadded(deep).padded, 0);
  });
});
