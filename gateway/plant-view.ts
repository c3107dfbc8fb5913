/** The process definition as clients see it, and scans with their values in the order of its tags. */
import type { ValidatedReading } from '../schemas/generated/types.ts';
import type { ProcessDefinition } from '../processes/schema.ts';
import type { Mark, PlantView, Scan } from './shared/messages.ts';

/** An asset is stale after this number of missed scans, but not before the least time, in ms. */
const missedScans = 5;
const leastStaleAfter = 10_000;

export function plantView(definition: ProcessDefinition): PlantView {
  const { enterprise, site, area, line } = definition.hierarchy;
  const path = [enterprise, site, area, line].join('/');
  return {
    process: definition.process,
    title: definition.title,
    description: definition.description,
    hierarchy: { enterprise, site, area, line },
    assets: definition.cells === 'any' ? null : definition.cells.map((cell) => `${path}/${cell}`),
    scanPeriod: definition.time.period,
    predictionPeriod: definition.features.hop,
    staleAfter: Math.max(missedScans * definition.time.period, leastStaleAfter),
    tags: definition.tags.map(({ id, title, unit, group, range, normal, required }) => ({
      id,
      title,
      unit,
      group,
      range,
      normal,
      required,
    })),
    target: { id: definition.target.id, title: definition.target.title, about: definition.target.about },
    pieceLevels: definition.piece?.levels ?? [],
    pieceProperties: definition.piece?.properties ?? [],
    alertRules: definition.alerts.map(({ id, title, priority, on }) => ({ id, title, priority, on })),
  };
}

/** Turns readings (measurements by tag name) into scans (values in the order of the tags). */
export function scanReader(
  plant: PlantView,
): (reading: ValidatedReading, publishedAt: number | null) => Scan {
  const place = new Map(plant.tags.map((tag, index) => [tag.id, index]));
  return (reading, publishedAt) => {
    const values = new Array<number | null>(plant.tags.length).fill(null);
    const marks: Mark[] = [];
    for (const measurement of reading.measurements) {
      const tag = place.get(measurement.tag);
      if (tag === undefined) continue;
      values[tag] = measurement.value;
      if (measurement.treatment === 'MEASURED' && measurement.quality === 'GOOD') continue;
      const { treatment, quality, reason } = measurement;
      marks.push({ tag, treatment, quality, reason });
    }
    return { asset: reading.asset, eventTime: reading.eventTime, publishedAt, values, marks };
  };
}
