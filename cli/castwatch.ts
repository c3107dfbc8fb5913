#!/usr/bin/env node
/** The command line. A foreseen error prints one sentence and a remedy; any other error prints its stack. */
import { CommanderError } from 'commander';
import { StreamError, type StreamErrorCode } from '../stream/index.ts';
import { CastwatchError, exitCodes, toError } from '../base/errors.ts';
import { noSpaceError } from '../base/no-space.ts';
import { makeObjectsYoung } from '../roles/garbage.ts';
import { makeProgram } from './program.ts';

/** Exit codes for missing parts of the surroundings. Any other StreamError is a bug. */
const streamExits: Partial<Record<StreamErrorCode, number>> = {
  BROKER_UNAVAILABLE: exitCodes.KAFKA_UNAVAILABLE,
  TOPIC_MISSING: exitCodes.ENVIRONMENT,
};

/** After an error: what a log or a telemetry exporter still has to send gets this long, ms. */
const lastWords = 2_000;

makeObjectsYoung();
try {
  await makeProgram().parseAsync();
} catch (thrown) {
  const error = noSpaceError(thrown) ?? thrown;
  if (error instanceof CommanderError) {
    // Commander has already printed the error or the help. Its exit code 1 would mean "the results do not reconcile".
    process.exitCode = error.exitCode === 0 ? 0 : exitCodes.CONFIGURATION;
  } else if (error instanceof StreamError && error.code in streamExits) {
    process.stderr.write(`castwatch: ${error.message}\n`);
    if (error.code === 'TOPIC_MISSING')
      process.stderr.write(
        '  Run `castwatch topics`, which creates the missing topics. Then repeat the command.\n',
      );
    process.exitCode = streamExits[error.code];
  } else if (error instanceof CastwatchError) {
    process.stderr.write(`castwatch: ${error.message}\n`);
    if (error.remedy !== undefined) process.stderr.write(`  ${error.remedy}\n`);
    process.exitCode = exitCodes[error.code];
  } else {
    const { stack, message } = toError(error);
    process.stderr.write(`${stack ?? message}\n`);
    process.exitCode = exitCodes.BUG;
  }
  // What had been opened before the error, such as a connection to Kafka, would keep the process.
  setTimeout(() => process.exit(), lastWords).unref();
}
