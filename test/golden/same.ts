/** Compares the output of a step with the recorded one, and names the first difference. */
import assert from 'node:assert/strict';
import type { Serde } from '../../schemas/registry/serde.ts';
import type { Changelog, GoldenRecord, Slices } from './archive.ts';
import { topics } from './steps.ts';

type Codecs = Pick<Serde, 'codec'>;

export function sameSlices(codecs: Codecs, topic: string, actual: Slices, expected: Slices): void {
  assert.deepEqual(
    actual.map((slice) => slice.length),
    expected.map((slice) => slice.length),
    `${topic}: number of records by slice`,
  );
  for (const [slice, records] of expected.entries())
    for (const [nth, record] of records.entries())
      assert.deepEqual(
        held(codecs, topic, actual[slice]?.[nth]),
        held(codecs, topic, record),
        `${topic}: record ${nth} of slice ${slice}`,
      );
}

export function sameChangelog(what: string, actual: Changelog | undefined, expected: Changelog): void {
  assert.deepEqual([...(actual?.keys() ?? [])], [...expected.keys()], `${what}: keys and parts`);
  for (const [key, value] of expected)
    assert.equal(actual?.get(key)?.toString('hex'), value.toString('hex'), `${what}: ${JSON.stringify(key)}`);
}

/** A record without the texts for people; everything else is compared to the byte. */
function held(codecs: Codecs, topic: string, record: GoldenRecord | undefined): unknown {
  if (record === undefined) return undefined;
  const { value, headers, ...rest } = record;
  return {
    ...rest,
    value: value === null ? null : withoutWording(codecs, topic, value).toString('hex'),
    headers: 'dead-letter.detail' in headers ? { ...headers, 'dead-letter.detail': '' } : headers,
  };
}

function withoutWording({ codec }: Codecs, topic: string, value: Buffer): Buffer {
  if (topic === topics.rejectedReadings) {
    const rejected = codec('rejectedReadings').decode(value);
    const rejections = rejected.rejections.map((each) => ({ ...each, detail: '' }));
    return codec('rejectedReadings').encode({ ...rejected, rejections });
  }
  if (topic === topics.predictions) return unexplained(codec('predictions'), value);
  if (topic === topics.shadowPredictions) return unexplained(codec('shadowPredictions'), value);
  if (topic === topics.drift) return unexplained(codec('drift'), value);
  return topic === topics.liveQuality ? unexplained(codec('liveQuality'), value) : value;
}

/** Removes the words of a reason, but keeps whether there is one. */
function unexplained<T extends { readonly reason: string | null }>(
  codec: { decode(bytes: Buffer): T; encode(value: T): Buffer },
  value: Buffer,
): Buffer {
  const decoded = codec.decode(value);
  return decoded.reason === null ? value : codec.encode({ ...decoded, reason: '' });
}

/** Whether two numbers of models are nearly equal. On the recording's type of machine they are the same bits. */
export const near = (actual: number, expected: number): boolean =>
  Object.is(actual, expected) || Math.abs(actual - expected) <= 1e-5 * Math.max(1, Math.abs(expected));

/** Compares decoded values: numbers nearly, everything else exactly. */
export function sameNearly(actual: unknown, expected: unknown, where: string): void {
  if (typeof actual === 'number' && typeof expected === 'number')
    assert.ok(near(actual, expected), `${where}: ${actual} instead of ${expected}`);
  else if (isContainer(actual) && isContainer(expected)) {
    assert.deepEqual(Object.keys(actual), Object.keys(expected), where);
    for (const [key, value] of Object.entries(expected)) sameNearly(actual[key], value, `${where}.${key}`);
  } else assert.deepEqual(actual, expected, where);
}

const isContainer = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Buffer.isBuffer(value);
