/**
 * Chapter 5. Table inputs.
 *
 * A table input holds facts about a key: which product a pump moves, for example. Before each batch of a stream, the task reads
 * its tables to their end. So a fact that the broker had acknowledged before a reading was sent is known when the
 * reading is processed.
 */
import assert from 'node:assert/strict';
import { absorbed, emit, startStreamApp, type Input, type Output, type Step } from '../../stream/index.ts';
import { json, workbench } from './workbench.ts';

interface Reading {
  readonly celsius: number;
}
interface Product {
  readonly name: string;
}
interface Labelled extends Reading {
  readonly product: string;
}
interface ProductState {
  product: string;
}

const label: Step<
  Input<'readings', Reading> | Input<'products', Product>,
  Output<'labelled', Labelled>,
  ProductState
> = {
  name: 'label',
  create: () => ({ product: 'unknown' }),
  process({ input, key, timestamp }, state) {
    if (input.from === 'products') {
      state.product = input.value.name;
      return absorbed;
    }
    return emit({ to: 'labelled', key, timestamp, value: { ...input.value, product: state.product } });
  },
};

describe('manual 5: table inputs', () => {
  it('are read before the stream, however many stream records wait', async () => {
    const { transport, send, holds, run, close } = workbench([
      'readings',
      'products',
      'labelled',
      'log',
      'dead-letters',
    ]);
    await send('products', [['pump-1', { name: 'water' }]]);
    await send('readings', [
      ['pump-1', { celsius: 40 }],
      ['pump-2', { celsius: 50 }],
    ]);
    run(
      startStreamApp(
        {
          step: label,
          inputs: {
            readings: { topic: 'readings', codec: json<Reading>(), role: 'stream' },
            products: { topic: 'products', codec: json<Product>(), role: 'table' },
          },
          outputs: { labelled: { topic: 'labelled', codec: json<Labelled>() } },
          state: { codec: json<ProductState>(), changelog: 'log' },
        },
        { transport, application: 'manual', deadLetterTopic: 'dead-letters' },
      ),
    );
    await holds('labelled', 2);

    // The fact is acknowledged before the reading is sent, so the new product is known.
    await send('products', [['pump-1', { name: 'oil' }]]);
    await send('readings', [['pump-1', { celsius: 60 }]]);
    assert.deepEqual(
      (await holds('labelled', 3)).map(({ value }) => value),
      [
        { celsius: 40, product: 'water' },
        { celsius: 50, product: 'unknown' },
        { celsius: 60, product: 'oil' },
      ],
    );
    await close();
  });
});
