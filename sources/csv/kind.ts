import { CastwatchError } from '../../base/errors.ts';
import type { ReplayableKind } from '../kind.ts';
import { createCsvSource } from './csv.ts';

export const csv: ReplayableKind = {
  is: 'replayable',
  help: "files, one per cell, replayed by the process definition's csv section",
  flags: ['file'],
  open(definition, { file }, { onProblem }) {
    if (file.length === 0)
      throw new CastwatchError('CONFIGURATION', 'The source csv needs at least one file.', {
        remedy: "Name the files with --file 'GLOB', quoted; the flag may be repeated.",
      });
    return createCsvSource({ definition, files: file, ...(onProblem && { onProblem }) });
  },
};
