import assert from 'node:assert/strict';
import type { Kafka } from 'kafkajs';
import { ClusterView } from '../../../stream/kafka/cluster.ts';
import type { Cluster } from '../../../stream/kafka/internals.ts';

/** Clusters by number, in the order in which they were connected. */
function numbered(): Kafka {
  let count = 0;
  const create = (): Partial<Cluster> & { readonly number: number } => ({
    number: (count += 1),
    connect: () => Promise.resolve(),
    disconnect: () => Promise.resolve(),
  });
  return { [Symbol('private:Kafka:createCluster')]: create } as unknown as Kafka;
}

const numberOf = (cluster: Cluster): number => (cluster as unknown as { readonly number: number }).number;

describe('stream/kafka/cluster', () => {
  it('sends a waiting request again when another request has dropped the connection', async () => {
    const view = new ClusterView(numbered());
    const waiting = view.request('the one that waits', (cluster) =>
      numberOf(cluster) === 1 ? new Promise<number>(() => undefined) : Promise.resolve(numberOf(cluster)),
    );
    const failing = view.request('the one that fails', (cluster) =>
      numberOf(cluster) === 1 ? Promise.reject(new Error('gone')) : Promise.resolve(numberOf(cluster)),
    );
    assert.deepEqual(await Promise.all([waiting, failing]), [2, 2]);
    await view.close();
  });

  it('rejects waiting requests when it is closed', async () => {
    const view = new ClusterView(numbered());
    const waiting = view.request('the one that waits', () => new Promise<number>(() => undefined));
    await view.close();
    await assert.rejects(waiting, { code: 'CLOSED' });
  });
});
