import assert from 'node:assert/strict';
import { assignCoPartitioned } from '../../stream/assignment.ts';

const topics = [
  { topic: 'a', partitions: [0, 1, 2, 3] },
  { topic: 'b', partitions: [3, 2, 1, 0] },
];

describe('stream/assignment', () => {
  it('gives every partition to exactly one member, and the same partition of all topics to the same one', () => {
    const assignment = assignCoPartitioned(['m2', 'm1', 'm3'], topics);
    const owners = new Map<string, string>();
    for (const [member, byTopic] of assignment) {
      assert.deepEqual(byTopic['a'], byTopic['b']);
      for (const partition of byTopic['a'] ?? []) {
        assert.equal(owners.has(`${partition}`), false);
        owners.set(`${partition}`, member);
      }
    }
    assert.equal(owners.size, 4);
  });

  it('does not depend on the order of the members', () => {
    assert.deepEqual(assignCoPartitioned(['x', 'y'], topics), assignCoPartitioned(['y', 'x'], topics));
  });

  it('gives nothing to members for which no partition is left', () => {
    const assignment = assignCoPartitioned(['a', 'b', 'c', 'd', 'e'], topics);
    assert.deepEqual(assignment.get('e'), {});
  });
});
