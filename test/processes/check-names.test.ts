import assert from 'node:assert/strict';
import { checkNames } from '../../processes/check-names.ts';
import { parseDefinition } from '../../processes/load.ts';
import { smallPlant } from '../sources/plants.ts';

const problems = (change: object): readonly string[] => {
  const found: string[] = [];
  checkNames({ ...smallPlant(), ...change }, (path, message) => found.push(`${path.join('.')}: ${message}`));
  return found;
};

describe('processes/check-names', () => {
  it('refuses names that are longer than what comes in may be', () => {
    assert.deepEqual(problems({}), []);
    assert.match(
      problems({ cells: ['ä'.repeat(256)] }).join(),
      /^cells\.0: the asset path .* 512 are allowed$/,
    );
    const [tag] = smallPlant().tags;
    const long = 'a'.repeat(257);
    assert.match(
      problems({ tags: [{ ...tag, id: long }] }).join(),
      /^tags\.0\.id: the tag a+… has 257 bytes/,
    );
    assert.match(
      problems({ piece: { levels: [long], properties: [] } }).join(),
      /^piece\.levels\.0: the level/,
    );
  });

  it('takes long descriptions', () => {
    assert.throws(() => parseDefinition(`process: a\ndescription: ${'x'.repeat(5_000)}\n`, 'a.yaml'), {
      message: /^(?!.*bytes in UTF-8)/s,
    });
  });
});
