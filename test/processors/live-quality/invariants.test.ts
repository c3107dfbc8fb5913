/** Properties that are true for any predictions and labels. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { qualityStateCodec } from '../../../processors/live-quality/state.ts';
import { qualityStep, type QualityInput } from '../../../processors/live-quality/step.ts';
import type { StepRecord } from '../../../stream/index.ts';
import { seed } from '../../support/seed.ts';
import { processorContract } from '../contract.ts';
import { outputs, prediction, runStep, start } from '../support.ts';
import { byPiece, found, judged, label, said, step, withRules } from './support.ts';

/** Labels in any order: most have predictions, some are repeated, some have no predictions. */
const drawnLabels = fc.array(
  fc.record({
    from: fc.integer({ min: 0, max: 40 }),
    hops: fc.integer({ min: 1, max: 3 }),
    value: fc.nat(1),
  }),
  { maxLength: 40 },
);
const drawnPredictions = fc.array(
  fc.record({
    step: fc.integer({ min: 1, max: 2 }),
    probability: fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
    bundle: fc.constantFrom('b1', 'b1', 'b2'),
    changes: fc.boolean(),
  }),
  { maxLength: 40 },
);
const drawnRecords = fc
  .record({ labels: drawnLabels, predictions: drawnPredictions })
  .map(({ labels, predictions }) => {
    let [at, part] = [0, 0];
    const all = predictions.map(({ step: hops, probability, bundle, changes }) => {
      at += hops;
      if (changes) part++;
      return said(prediction(5 * at, probability, { bundle, piece: { part: `P${part}` } }));
    });
    const found0 = labels.map(({ from, hops, value }) =>
      found(label(5 * from, 5 * (from + hops), value, { piece: { part: `P${from % 8}` } })),
    );
    return { predictions: all, labels: found0 };
  });

/** Merges two lists; each keeps its order. */
function merged<T>(a: readonly T[], b: readonly T[], turns: readonly boolean[]): T[] {
  const [first, second] = [[...a], [...b]];
  const list: T[] = [];
  for (let turn = 0; first.length + second.length > 0; turn++) {
    const next =
      (turns[turn % turns.length] === true ? first : second).shift() ?? first.shift() ?? second.shift();
    if (next !== undefined) list.push(next);
  }
  return list;
}

describe('quality: results', () => {
  for (const [name, which] of [
    ['span', step],
    ['piece', byPiece],
  ] as const) {
    it(`do not depend on which topic is read first (by ${name})`, () => {
      fc.assert(
        fc.property(
          drawnRecords,
          fc.array(fc.boolean(), { minLength: 1, maxLength: 30 }),
          ({ predictions, labels }, turns) => {
            const all = (list: readonly StepRecord<QualityInput>[]) => {
              const outcomes = runStep(which, list);
              return [outputs(outcomes, 'judged'), outputs(outcomes, 'quality')];
            };
            assert.deepEqual(all(merged(predictions, labels, turns)), all([...labels, ...predictions]));
          },
        ),
        { seed },
      );
    });
  }

  it('do not use predictions after the span', () => {
    fc.assert(
      fc.property(drawnRecords, fc.integer({ min: 1, max: 40 }), ({ predictions, labels }, cut) => {
        const until = start + 5_000 * cut;
        const early = ({ until: end }: { readonly until: number }): boolean => end <= until;
        const other = predictions.map((each) =>
          each.input.from === 'predictions' && each.input.value.eventTime > until
            ? said({ ...each.input.value, probability: 1, bundle: 'from the future' })
            : each,
        );
        assert.deepEqual(
          judged([...labels, ...other]).filter(early),
          judged([...labels, ...predictions]).filter(early),
        );
      }),
      { seed },
    );
  });

  it('account for every label exactly once', () => {
    fc.assert(
      fc.property(drawnRecords, ({ predictions, labels }) => {
        const end = said(prediction(10_000, 0.5));
        const told = judged([...predictions, ...labels, end]).filter(({ source }) => source !== '');
        assert.equal(told.length, labels.length);
      }),
      { seed },
    );
  });
});

for (const by of ['span', 'piece'] as const)
  processorContract({
    step: qualityStep(withRules({ by, retention: 60_000, hop: 20_000, window: 40_000 })),
    codec: qualityStateCodec(),
    records: fc
      .tuple(drawnRecords, fc.array(fc.boolean(), { minLength: 1, maxLength: 30 }), fc.nat(3))
      .map(([{ predictions, labels }, turns, other]) =>
        merged(predictions, labels, turns).map((each, index) =>
          index % 4 === other
            ? ({
                ...each,
                key: 'E/S/A/L/C2',
                input: { ...each.input, value: { ...each.input.value, asset: 'E/S/A/L/C2' } },
              } as StepRecord<QualityInput>)
            : each,
        ),
      ),
  });
