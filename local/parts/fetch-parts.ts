/** The second half of the set-up, in Node 24: finds the JDK and fetches the Java parts. setup.mjs runs it. */
import { parseArgs } from 'node:util';
import { CastwatchError, exitCodes } from '../../base/errors.ts';
import { findJdk } from './jdk.ts';
import { ensureParts } from './java-parts.ts';

const usesOwnStack = ['KAFKA_BROKERS', 'SCHEMA_REGISTRY_URL', 'DATABASE_URL'].every(
  (name) => process.env[name],
);

function say(line: string): void {
  process.stderr.write(`castwatch set-up: ${line}\n`);
}

try {
  // Tests need the training library. They need the local stack even where another one is configured.
  const { values } = parseArgs({
    options: { 'with-test-parts': { type: 'boolean', default: false } },
    strict: false,
  });
  const forTests = values['with-test-parts'] === true;
  if (forTests || !usesOwnStack) {
    await findJdk();
    await ensureParts(['kafka', 'registry'], say);
  }
  if (forTests) await ensureParts(['xgboost'], say);
} catch (error) {
  if (!(error instanceof CastwatchError)) throw error;
  say([error.message, error.remedy].filter((part) => part !== undefined).join(' '));
  process.exitCode = exitCodes[error.code];
}
