/** Turns history into a data set, with the same steps that serve. */
import type { ProcessDefinition } from '../../processes/schema.ts';
import { featuresOffline, type OfflineRecords } from '../../processors/offline.ts';
import type { Malformed } from '../../base/malformed.ts';
import { createDatasetBuilder, type Dataset } from './labelled-dataset.ts';

export interface CollectOptions {
  readonly definition: ProcessDefinition;
  /** Batches from a source, in publishing order. */
  readonly records: OfflineRecords & { malformed?(): Malformed };
}

/** @throws CastwatchError INPUT when the history does not have both outcomes of the target. */
export async function collectDataset({ definition, records }: CollectOptions): Promise<Dataset> {
  const builder = createDatasetBuilder(definition);
  const dropped: Record<string, number> = {};
  await featuresOffline({
    definition,
    records,
    sinks: {
      features: (row) => {
        builder.row(row);
      },
      qualityLabels: (label) => {
        builder.label(label);
      },
      rejectedReadings: (reading) => {
        if (!reading.dropped) return;
        const whole = reading.rejections.find(({ tag }) => tag === null) ?? reading.rejections[0];
        const reason = whole?.reason ?? 'without a reason';
        dropped[reason] = (dropped[reason] ?? 0) + 1;
      },
    },
  });
  const malformed = records.malformed?.() ?? {};
  return builder.build({ ...(Object.keys(malformed).length > 0 && { malformed }), dropped });
}
