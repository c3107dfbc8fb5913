import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { createServer, type AddressInfo } from 'node:net';
import { mock } from 'node:test';
import kafkajs from 'kafkajs';
import { createCluster, fixKafkajs } from '../../../stream/kafka/internals.ts';
import { waitFor } from '../../support/wait.ts';

describe('stream/kafka/internals', () => {
  it('finds the inner parts of the pinned kafkajs', () => {
    const cluster = createCluster(new kafkajs.Kafka({ brokers: ['127.0.0.1:1'] }));
    assert.equal(typeof cluster.fetchTopicsOffset, 'function');
    assert.equal(typeof cluster.findLeaderForPartitions, 'function');
  });

  it('opens one socket when several callers ask for a connection at once', async () => {
    fixKafkajs();
    let accepted = 0;
    const server = createServer((socket) => {
      accepted += 1;
      socket.resume();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { address: host, port } = server.address() as AddressInfo;
    const cluster = createCluster(
      new kafkajs.Kafka({ brokers: [`${host}:${port}`], logLevel: kafkajs.logLevel.NOTHING }),
    );
    const pool = await cluster.connectionPoolBuilder.build({ host, port, rack: null });
    const connections = await Promise.all([pool.getConnection(1), pool.getConnection(1)]);
    assert.equal(connections[0], connections[1]);
    connections[0].socket.destroy(new Error('cut by the test'));
    await waitFor(() => !connections[0].isConnected(), 'the connection to be lost');
    const again = await pool.getConnection(1);
    again.socket.destroy();
    await waitFor(() => accepted >= 2, 'the second connection');
    server.close();
    await once(server, 'close');
    assert.equal(accepted, 2);
  });

  describe('the queue of requests', () => {
    fixKafkajs();
    const { prototype } = createRequire(import.meta.url)('kafkajs/src/network/requestQueue') as {
      prototype: {
        scheduleCheckPendingRequests(this: object): void;
        scheduleRequestTimeoutCheck(this: object): void;
      };
    };
    const queue = (pending: readonly string[], throttledUntil: number) => ({
      pending,
      throttledUntil,
      throttleCheckTimeoutId: undefined as NodeJS.Timeout | null | undefined,
      looks: 0,
      checkPendingRequests() {
        this.looks += 1;
      },
    });

    it('is not checked again when it is empty', () => {
      const idle = queue([], -1);
      prototype.scheduleCheckPendingRequests.call(idle);
      assert.equal(idle.throttleCheckTimeoutId, undefined);
    });

    for (const [what, make] of [
      ['when requests wait', () => queue(['request'], -1)],
      ['when the broker asked for a pause', () => queue([], Date.now() + 20)],
    ] as const) {
      it(`is checked again ${what}, once`, async () => {
        const busy = make();
        prototype.scheduleCheckPendingRequests.call(busy);
        prototype.scheduleCheckPendingRequests.call(busy);
        await waitFor(() => busy.looks === 1 && busy.throttleCheckTimeoutId === null, 'one look');
      });
    }

    it('rejects the requests under way when its connection has ended, and then stops checking', () => {
      mock.timers.enable({ apis: ['setInterval', 'Date'] });
      try {
        let [timedOut, looks] = [0, 0];
        const inflight = new Map([
          [
            1,
            {
              sentAt: 0,
              requestTimeout: 5_000,
              timeoutRequest() {
                timedOut += 1;
                inflight.clear();
              },
            },
          ],
        ]);
        const lost = {
          enforceRequestTimeout: true,
          requestTimeoutIntervalId: undefined as NodeJS.Timeout | undefined,
          inflight,
          isConnected() {
            looks += 1;
            return false;
          },
          destroy() {
            clearInterval(this.requestTimeoutIntervalId);
          },
        };
        prototype.scheduleRequestTimeoutCheck.call(lost);
        for (let second = 0; second < 20; second++) mock.timers.tick(1_000);
        assert.deepEqual([timedOut, looks], [1, 6]);
      } finally {
        mock.timers.reset();
      }
    });
  });
});
