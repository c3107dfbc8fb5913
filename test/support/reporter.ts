/** Mocha's spec reporter, with the counts as the run's last line: `12 passed, 0 failed, 1 skipped`. */
import mocha from 'mocha';

export default class CountingReporter extends mocha.reporters.Spec {
  override done(failures: number, finish?: (failures: number) => void): void {
    const { passes, failures: failed, pending } = this.stats;
    process.stdout.write(`${String(passes)} passed, ${String(failed)} failed, ${String(pending)} skipped\n`);
    finish?.(failures);
  }
}
