/**
 * Settles the texts of decoded records that any producer may have written, by the rule of `base/outside-text.ts`. Padding is
 * cut and counted. A refused text makes the record undecodable: the step makes a dead letter that names the field. So does a
 * time that `base/outside-time.ts` refuses.
 */
import type { MesEvent, QualityLabel, SensorReading } from '../generated/types.ts';
import { textFault, textLimits, withoutPadding } from '../../base/outside-text.ts';
import { timeFault } from '../../base/outside-time.ts';
import type { ValueOf } from '../values.ts';

/** The topics that programs outside of Castwatch write. */
export type OutsideTopic = 'sensorReadings' | 'mesEvents' | 'qualityLabels';

/** @param onPadded called with the number of texts of one record whose padding was cut */
type Settle<T> = (value: T, onPadded: (texts: number) => void) => T;

/** Settles a text. @throws Error with the field, when it is refused */
class Texts {
  padded = 0;

  settle(text: string, limit: number, field: string): string {
    const cut = withoutPadding(text);
    if (cut !== text) this.padded++;
    const fault = textFault(cut, limit);
    if (fault !== undefined) throw new Error(`${field} ${fault}`);
    return cut;
  }

  name = (text: string, field: string): string => this.settle(text, textLimits.name, field);

  /** A map of names to facts. */
  map(map: Readonly<Record<string, string>>, field: string): Readonly<Record<string, string>> {
    const entries = Object.entries(map).map(([key, fact]) => {
      const name = this.name(key, `a key of ${field}`);
      return [name, this.settle(fact, textLimits.fact, `${field}.${name}`)];
    });
    return Object.fromEntries(entries) as Record<string, string>;
  }
}

/** @throws Error with the field, when the time is refused */
function checkTime(at: number, field: string): void {
  const fault = timeFault(at);
  if (fault !== undefined) throw new Error(`${field} ${fault}`);
}

/** The tags of a process follow one another in the same order, so each is compared with the one at its place before. */
function settleReadings(): Settle<SensorReading> {
  const settled: string[] = [];
  const isSettled = ({ measurements }: SensorReading): boolean =>
    measurements.every(({ tag }, place) => tag === settled[place]);
  return (reading, onPadded) => {
    checkTime(reading.eventTime, 'eventTime');
    const texts = new Texts();
    const asset = texts.settle(reading.asset, textLimits.asset, 'asset');
    const source = texts.name(reading.source, 'source');
    let { measurements } = reading;
    if (!isSettled(reading)) {
      const before = texts.padded;
      const cut = measurements.map((measurement, place) => ({
        ...measurement,
        tag: texts.name(measurement.tag, `measurements[${place}].tag`),
      }));
      if (texts.padded > before) measurements = cut;
      else settled.splice(0, Infinity, ...cut.slice(0, mostSettled).map(({ tag }) => tag));
    }
    if (texts.padded === 0) return reading;
    onPadded(texts.padded);
    return { ...reading, asset, source, measurements };
  };
}

/** Number of tags of one reading that are remembered. */
const mostSettled = 1_024;

const settleMesEvent: Settle<MesEvent> = (event, onPadded) => {
  checkTime(event.eventTime, 'eventTime');
  const texts = new Texts();
  const settled = {
    ...event,
    asset: texts.settle(event.asset, textLimits.asset, 'asset'),
    source: texts.name(event.source, 'source'),
    level: texts.name(event.level, 'level'),
    id: texts.name(event.id, 'id'),
    properties: texts.map(event.properties, 'properties'),
  };
  if (texts.padded === 0) return event;
  onPadded(texts.padded);
  return settled;
};

const settleLabel: Settle<QualityLabel> = (label, onPadded) => {
  checkTime(label.eventTime, 'eventTime');
  checkTime(label.until, 'until');
  checkTime(label.foundAt, 'foundAt');
  const texts = new Texts();
  const settled = {
    ...label,
    asset: texts.settle(label.asset, textLimits.asset, 'asset'),
    target: texts.name(label.target, 'target'),
    defect: label.defect === null ? null : texts.name(label.defect, 'defect'),
    piece: texts.map(label.piece, 'piece'),
    source: texts.name(label.source, 'source'),
  };
  if (texts.padded === 0) return label;
  onPadded(texts.padded);
  return settled;
};

type Settlers = { readonly [T in OutsideTopic]: () => Settle<ValueOf<T>> };

const settlers: Settlers = {
  sensorReadings: settleReadings,
  mesEvents: () => settleMesEvent,
  qualityLabels: () => settleLabel,
};

/** Returns what settles a topic's texts; undefined for the topics that only Castwatch writes. */
export function textsOf(topic: string): Settle<unknown> | undefined {
  if (!(topic in settlers)) return undefined;
  // Each value comes from the codec of the topic.
  return settlers[topic as OutsideTopic]() as Settle<unknown>;
}
