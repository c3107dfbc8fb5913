import { resolve } from 'node:path';
import { CastwatchError } from '../../base/errors.ts';
import { given, type LiveKind } from '../kind.ts';
import { positionFileOf } from '../position-file.ts';
import { createTail } from './tail.ts';

export const tail: LiveKind = {
  is: 'live',
  help: 'a file to which another program appends readings, one JSON object per line',
  flags: ['file', 'silentAfter'],
  open(definition, { file, silentAfter }, { positions, onProblem }) {
    const [path, ...others] = file;
    if (path === undefined || others.length > 0)
      throw new CastwatchError(
        'CONFIGURATION',
        `The source tail follows exactly one file, but ${file.length} were named.`,
        {
          remedy: 'Name the file with --file PATH, once.',
        },
      );
    const absolute = resolve(path);
    const positionFile = positionFileOf(given(positions, 'a folder for positions'), 'tail', absolute);
    return createTail({ definition, path: absolute, positionFile, silentAfter, onProblem });
  },
};
