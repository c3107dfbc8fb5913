/** What the fetcher does when the cluster has no metadata. The transport contract tests that it reads. */
import assert from 'node:assert/strict';
import { Fetcher } from '../../../stream/kafka/fetcher.ts';
import type { Cluster } from '../../../stream/kafka/internals.ts';
import { waitFor } from '../../support/wait.ts';

describe('stream/kafka/fetcher', () => {
  it('asks for metadata again, and does not end the process, while kafkajs has none', async () => {
    const failures: Error[] = [];
    let refreshed = 0;
    // What kafkajs does after it has lost its last broker.
    const cluster = {
      findTopicPartitionMetadata: () => {
        throw new Error('Topic metadata not loaded');
      },
      refreshMetadata: () => {
        refreshed += 1;
        return Promise.resolve();
      },
    } as unknown as Cluster;
    const fetcher = new Fetcher(cluster, {
      records: () => assert.fail('nothing was read'),
      failed: (error) => failures.push(error),
    });
    fetcher.start([{ topic: 'readings', partition: 0, offset: 0, paused: false }]);
    fetcher.allow(new Set(['readings/0']));
    await waitFor(() => refreshed >= 2, 'metadata to be asked for');
    assert.deepEqual(failures, []);
    fetcher.close();
  });
});
