/** Mocha's root hooks: the seed is said first, the shared stack is stopped last. */
import { seed } from './seed.ts';
import { stopLocalStack } from './stack.ts';

export const mochaHooks = {
  beforeAll(): void {
    process.stdout.write(`  seed ${String(seed)} (CASTWATCH_SEED=${String(seed)} repeats this run)\n`);
  },
  async afterAll(this: Mocha.Context): Promise<void> {
    this.timeout(60_000);
    await stopLocalStack();
  },
};
