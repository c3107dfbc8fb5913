#!/usr/bin/env node
/** The command line. Errors that are foreseen are a sentence and a remedy; others show where they come from. */
import { CommanderError } from 'commander';
import { StreamError, type StreamErrorCode } from '../stream/index.ts';
import { CastwatchError, exitCodes } from '../base/errors.ts';
import { makeObjectsYoung } from '../roles/garbage.ts';
import { makeProgram } from './program.ts';

/** Of lost parts; the runtime's other errors are bugs here. */
const streamExits: Partial<Record<StreamErrorCode, number>> = {
  BROKER_UNAVAILABLE: exitCodes.KAFKA_UNAVAILABLE,
  TOPIC_MISSING: exitCodes.ENVIRONMENT,
};

makeObjectsYoung();
try {
  await makeProgram().parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    // It has said what is wrong, or helped. Its own 1 would mean that results do not reconcile.
    process.exitCode = error.exitCode === 0 ? 0 : exitCodes.CONFIGURATION;
  } else if (error instanceof StreamError && error.code in streamExits) {
    process.stderr.write(`castwatch: ${error.message}\n`);
    process.exitCode = streamExits[error.code];
  } else if (error instanceof CastwatchError) {
    process.stderr.write(`castwatch: ${error.message}\n`);
    if (error.remedy !== undefined) process.stderr.write(`  ${error.remedy}\n`);
    process.exitCode = exitCodes[error.code];
  } else {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exitCode = exitCodes.BUG;
  }
}
