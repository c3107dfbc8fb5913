/** Recognises a full disk in the errors of Node and in the output of programs, and says where it is. */
import { CastwatchError } from './errors.ts';

const words = /no space left on device|ENOSPC|disk full|not enough space|could not extend file/i;

export const saysNoSpace = (text: string): boolean => words.test(text);

/**
 * @param place the folder that is full, where the error itself does not name it
 * @returns undefined when the error is about something else
 */
export function noSpaceError(error: unknown, place?: string): CastwatchError | undefined {
  if (!(error instanceof Error)) return undefined;
  if (error instanceof CastwatchError) return error.message.startsWith(noSpace) ? error : undefined;
  const output = 'stderr' in error ? String(error.stderr) : '';
  const isFull = ('code' in error && error.code === 'ENOSPC') || saysNoSpace(`${error.message}\n${output}`);
  if (!isFull) return noSpaceError(error.cause, place);
  const named = 'path' in error && typeof error.path === 'string' ? error.path : undefined;
  return noSpaceIn(place ?? named, error);
}

const noSpace = 'No space left';

export const noSpaceIn = (place: string | undefined, cause?: unknown): CastwatchError =>
  new CastwatchError('ENVIRONMENT', `${noSpace} on the disk${place === undefined ? '' : ` of ${place}`}.`, {
    cause,
    remedy:
      'Free space on that disk, then repeat the command. The data that is there stays and is used again.',
  });
