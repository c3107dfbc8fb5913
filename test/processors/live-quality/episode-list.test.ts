/** Many predictions that wait: the list against a plain array, and what a batch of them costs in the changelog. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { blockSize, EpisodeList } from '../../../processors/live-quality/episode-list.ts';
import type { Episode } from '../../../processors/live-quality/episodes.ts';
import { createQualityState, qualityStateCodec } from '../../../processors/live-quality/state.ts';
import { qualityStep, type QualityInput, type QualityOutput } from '../../../processors/live-quality/step.ts';
import type { Outcome, StepRecord } from '../../../stream/index.ts';
import { seed } from '../../support/seed.ts';
import { asset, outputs, prediction, runStep } from '../support.ts';
import { found, label, said, step, withRules } from './support.ts';

const episode = (at: number): Episode => ({
  ...{ first: at, last: at, piece: '', bundle: `b${at % 3}`, predictions: 1 },
  ...{ probability: at / 10_000, predictedAt: at, threshold: 0.5 },
});

/** Removes the first run, as simply as possible. */
function takeFrom(all: Episode[], belongs: (each: Episode) => boolean): Episode[] {
  const from = all.findIndex(belongs);
  if (from < 0) return [];
  const end = all.findIndex((each, index) => index > from && !belongs(each));
  return all.splice(from, (end < 0 ? all.length : end) - from);
}

const parted = new Map<string, Buffer>();
function written(
  list: EpisodeList,
  parts = parted,
): { readonly list: EpisodeList; readonly names: string[] } {
  const names: string[] = [];
  const codec = qualityStateCodec();
  codec.changes({ ...createQualityState(), episodes: list }, (part, bytes) => {
    names.push(`${bytes === null ? '-' : ''}${part}`);
    if (bytes === null) parts.delete(part);
    else parts.set(part, bytes);
  });
  return { list: codec.restore(parts).state.episodes, names };
}

const allOf = (list: EpisodeList): readonly Episode[] => list.blocks.flatMap(({ episodes }) => episodes);

const evictedBy = (outcomes: readonly Outcome[]): readonly string[] =>
  outcomes.flatMap((outcome) => (outcome.kind === 'emit' ? (outcome.evicted ?? []) : []));

describe('quality: many predictions that wait', () => {
  it('are a list like any other, through every restart', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.record({ push: fc.integer({ min: 1, max: 3 * blockSize }) }),
            fc.record({ from: fc.nat(3_000), length: fc.nat(1_000), hint: fc.boolean() }),
            fc.constant('restart' as const),
          ),
          { maxLength: 12 },
        ),
        (actions) => {
          const parts = new Map<string, Buffer>();
          const plain: Episode[] = [];
          let list = new EpisodeList();
          let at = 0;
          for (const action of actions) {
            if (action === 'restart') list = written(list, parts).list;
            else if ('push' in action)
              for (let left = action.push; left > 0; left--, at++) {
                plain.push(episode(at));
                assert.deepEqual(list.push(episode(at), Infinity), []);
              }
            else {
              const until = action.from + action.length;
              const belongs = ({ first }: Episode): boolean => first > action.from && first <= until;
              const taken = list.takeOut(belongs, action.hint ? action.from : undefined);
              assert.deepEqual(taken, takeFrom(plain, belongs));
            }
            assert.equal(list.oldestEnds, plain[0]?.last ?? Infinity);
            assert.deepEqual(list.last, plain.at(-1));
          }
          assert.deepEqual(allOf(list), plain);
          assert.deepEqual(allOf(written(list, parts).list), plain);
        },
      ),
      { seed, numRuns: 60 },
    );
  });

  it('drops the oldest when there are too many, and returns them', () => {
    const list = new EpisodeList();
    const dropped: Episode[] = [];
    for (let at = 0; at < 20 * blockSize; at++) dropped.push(...list.push(episode(at), 5 * blockSize * 60));
    const left = allOf(list);
    assert.ok(left.length < 8 * blockSize && dropped.length > 0);
    assert.deepEqual(
      [...dropped, ...left].map(({ first }) => first),
      [...Array(20 * blockSize).keys()],
    );
  });

  it('cost one part of the changelog per batch, and no more than the blocks that a label touches', () => {
    const parts = new Map<string, Buffer>();
    const list = new EpisodeList();
    for (let at = 0; at < 10_000; at++) list.push(episode(at), Infinity);
    assert.equal(written(list, parts).names.length, 1 + Math.ceil(10_000 / blockSize));
    list.push(episode(10_000), Infinity);
    assert.deepEqual(written(list, parts).names, ['', String(Math.floor(10_000 / blockSize))]);
    list.takeOut(({ first }) => first > 1_000 && first < 1_010, 1_000);
    assert.deepEqual(written(list, parts).names, ['', String(Math.floor(1_001 / blockSize))]);
    list.takeOut(({ first }) => first < 2 * blockSize);
    assert.deepEqual(written(list, parts).names, ['', '-0', '-1']);
    list.takeOut(({ first }) => first < 9_990);
    const { names } = written(list, parts);
    assert.equal(names.filter((name) => !name.startsWith('-')).length, 1, 'few are in the own record again');
    assert.deepEqual([...parts.keys()], ['']);
  });

  it('are judged as if they were few, and as if the step had never been restarted', () => {
    const records: StepRecord<QualityInput>[] = [];
    for (let at = 1; at <= 2_000; at++) {
      records.push(said(prediction(at, (at % 97) / 100)));
      if (at % 150 === 0) records.push(found(label(at - 700, at - 690, at % 4 === 0 ? 1 : 0)));
    }
    const codec = qualityStateCodec();
    const parts = new Map<string, Buffer>();
    let state = step.create(asset);
    const restarted: Outcome<QualityOutput>[] = [];
    for (let from = 0; from < records.length; from += 100) {
      restarted.push(...runStep(step, records.slice(from, from + 100), state));
      codec.changes(state, (part, bytes) => (bytes === null ? parts.delete(part) : parts.set(part, bytes)));
      ({ state } = codec.restore(parts));
    }
    assert.deepEqual(restarted, runStep(step, records));
    assert.ok(parts.size > 5);
    const verdicts = outputs(restarted, 'judged').map(
      ({ verdict, predictions }) => `${verdict} ${predictions}`,
    );
    assert.equal(verdicts.filter((verdict) => verdict.endsWith(' 10')).length, 9);
  });

  it('are given up with their number, however they go, and what goes early is counted', () => {
    const few = qualityStep(withRules({ retention: 20_000, hop: 10_000, window: 20_000 }));
    const state = few.create(asset);
    const many = Array.from({ length: 40_000 }, (_, at) => said(prediction(at / 1_000, 0.5)));
    const outcomes = runStep(few, many, state);
    const given = outputs(outcomes, 'judged').reduce((sum, { predictions }) => sum + predictions, 0);
    const evicted = evictedBy(outcomes);
    const left = allOf(state.episodes).length;
    assert.equal(given + left, 40_000);
    assert.ok(evicted.length > 10_000 && evicted.every((reason) => reason === 'PREDICTION'));
  });

  it('and labels that wait: the oldest is judged early when they have too many bytes, and counted', () => {
    const state = step.create(asset);
    const text = 'x'.repeat(200);
    const labels = Array.from({ length: 3_000 }, (_, at) =>
      found(label(at, at + 1, 1, { piece: { part: `${text}${at}` }, source: text })),
    );
    const outcomes = runStep(step, labels, state);
    const evicted = evictedBy(outcomes);
    assert.ok(evicted.length > 100);
    assert.equal(state.waiting.length + evicted.length, 3_000);
    assert.equal(outputs(outcomes, 'judged').length, evicted.length);
    const huge = found(label(0, 1, 1, { piece: { part: 'y'.repeat(20_000) } }));
    assert.deepEqual(
      runStep(step, [huge], state).map(({ kind }) => kind),
      ['dead-letter'],
    );
  });
});
