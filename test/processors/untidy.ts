/** Records of two assets with disorder, repeats, late, bad and missing values, and pieces. */
import type { OfflineRecord } from '../../processors/offline.ts';
import type { Measurement, SensorReading } from '../../schemas/generated/types.ts';
import { mesEvent, start } from './support.ts';

/** mulberry32: equal seeds, equal numbers. */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const assets = ['E/S/A/L/C1', 'E/S/A/L/C2'];

export function untidyRecords(seed: number, seconds: number): readonly OfflineRecord[] {
  const draw = random(seed);
  const pieces = assets.flatMap((asset) =>
    Array.from({ length: Math.ceil(seconds / 60) }, (_, index): OfflineRecord => {
      const value = { ...mesEvent(60 * index, 'STARTED', 'part', `P${index}`), asset };
      return { topic: 'mesEvents', value, timestamp: value.eventTime };
    }),
  );
  const scans = assets.flatMap((asset) =>
    Array.from({ length: seconds }, (_, at) => scan(asset, at, draw)).flat(),
  );
  // In order of arrival: some are delayed within the grace period, some beyond it.
  scans.sort((a, b) => a.timestamp - b.timestamp);
  return [...pieces, ...scans];
}

export const withLabels = (records: readonly OfflineRecord[]): readonly OfflineRecord[] =>
  records.flatMap((each) => [each, ...labelAfter(each)]);

/** Every tenth second gets a label, a minute later. */
function labelAfter({ topic, value, timestamp }: OfflineRecord): OfflineRecord[] {
  if (topic !== 'sensorReadings' || value === null || value.sequence % 10 !== 0) return [];
  const { asset, eventTime: until, sequence } = value;
  const span = { eventTime: until - 10_000, until, foundAt: until + 60_000 };
  const label = {
    asset,
    ...span,
    target: 'bad',
    value: sequence % 30 === 0 ? 1 : 0,
    defect: null,
    piece: {},
  };
  return [{ topic: 'qualityLabels', value: { ...label, source: 'test' }, timestamp: timestamp + 60_000 }];
}

function scan(asset: string, at: number, draw: () => number): OfflineRecord[] {
  const eventTime = start + 1_000 * at;
  const value: SensorReading = {
    asset,
    eventTime,
    sequence: at,
    source: 'test',
    measurements: measurements(at, draw),
  };
  const delay = draw() < 0.1 ? Math.floor(draw() * 8_000) : 0;
  const arrived: OfflineRecord = { topic: 'sensorReadings', value, timestamp: eventTime + delay };
  if (draw() < 0.03) return [];
  return draw() < 0.05 ? [arrived, { ...arrived, timestamp: arrived.timestamp + 500 }] : [arrived];
}

function measurements(at: number, draw: () => number): Measurement[] {
  const excursion = at % 120 > 90 ? 40 : 0;
  const values = { A: 50 + excursion + 5 * draw(), B: 20 + 4 * draw(), C: 1.5 + draw() };
  return Object.entries(values).flatMap(([tag, value]): Measurement[] => {
    const luck = draw();
    if (luck < 0.02) return [];
    if (luck < 0.03) return [{ tag, value: 999, quality: 'GOOD' }];
    if (luck < 0.04) return [{ tag, value: NaN, quality: 'GOOD' }];
    if (luck < 0.05) return [{ tag, value, quality: 'UNCERTAIN' }];
    return [{ tag, value, quality: 'GOOD' }];
  });
}
