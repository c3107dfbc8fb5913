import { CastwatchError } from '../../base/errors.ts';
import type { ReplayableKind } from '../kind.ts';
import { createCsvSource } from './csv.ts';

export const csv: ReplayableKind = {
  is: 'replayable',
  help: "files, each one cell, replayed by the process definition's csv section",
  flags: ['file'],
  open(definition, { file }, { onProblem }) {
    if (file.length === 0)
      throw new CastwatchError('CONFIGURATION', 'The csv source was given no files.', {
        remedy: "Name them with --file 'GLOB', quoted; it may be given several times.",
      });
    return createCsvSource({ definition, files: file, ...(onProblem && { onProblem }) });
  },
};
