/** Guessed strings and their bytes are the same as with avsc's own type. */
import assert from 'node:assert/strict';
import avsc from 'avsc';
import fc from 'fast-check';
import { repeatedString } from '../../../schemas/avro/repeated-strings.ts';
import { seed } from '../../support/seed.ts';

const plain = avsc.Type.forSchema('string');
const text = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom('A', 'B', 'Mould/Level', 'Mould/LevelX', '', 'é', '°C 🌡') },
  fc.string({ maxLength: 200, unit: 'binary' }),
);

describe('schemas/avro/repeated-strings', () => {
  it('writes and reads the same as the plain type, in any order', () => {
    const repeated = repeatedString();
    fc.assert(
      fc.property(fc.array(text, { maxLength: 40 }), (texts) => {
        for (const each of texts) {
          const bytes = plain.toBuffer(each);
          assert.deepEqual(repeated.toBuffer(each), bytes);
          assert.equal(repeated.fromBuffer(bytes), plain.fromBuffer(bytes));
        }
      }),
      { seed },
    );
  });

  it('returns by how much a buffer is too short, and writes nothing beyond its end', () => {
    const repeated = repeatedString();
    for (const each of ['one', 'two', 'one', 'two', 'one']) {
      const short = Buffer.alloc(2);
      assert.equal(repeated.encode(each, short, 0), plain.encode(each, Buffer.alloc(2), 0));
      assert.equal(repeated.toBuffer(each).length, 4);
      assert.equal(repeated.decode(plain.toBuffer(each).subarray(0, 2)).offset, -1);
      assert.equal(repeated.fromBuffer(plain.toBuffer(each)), each);
    }
  });

  it('refuses a value that is not a string', () => {
    const repeated = repeatedString();
    repeated.toBuffer('a');
    assert.throws(() => repeated.toBuffer(7), /invalid "string"/);
  });
});
