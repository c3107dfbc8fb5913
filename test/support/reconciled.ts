import { strict as assert } from 'node:assert';
import type { Reconciliation } from '../../proof/reconcile.ts';

/** Nothing lost, nothing doubled, and all as the oracle has it. */
export function assertReconciled(result: Reconciliation): void {
  assert.deepEqual(result.differences, []);
  assert.equal(result.reconciled, true);
  assert.equal(result.lost, 0);
  assert.equal(result.duplicates, 0);
}
