/** A transport whose transactions fail at times. */
import type { Transport } from '../../stream/index.ts';

/** Every seventh transaction fails before it is sent, every eleventh after it was committed. */
export function failing(transport: Transport, failures: { before: number; after: number }): Transport {
  let count = 0;
  return new Proxy(transport, {
    get(target, property, receiver) {
      if (property !== 'transactionalProducer') {
        const value: unknown = Reflect.get(target, property, receiver);
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      }
      return async (id: string) => {
        const producer = await target.transactionalProducer(id);
        const transact: typeof producer.transact = async (...args) => {
          count += 1;
          if (count % 7 === 0) {
            failures.before += 1;
            throw new Error('injected before the transaction');
          }
          await producer.transact(...args);
          if (count % 11 === 0) {
            failures.after += 1;
            throw new Error('injected after the commit');
          }
        };
        return { transact, close: () => producer.close() };
      };
    },
  });
}
