import assert from 'node:assert/strict';
import type { FeaturesStep } from '../../processors/features/step.ts';
import { featuresStateCodec, largestFeaturesState } from '../../processors/features/state.ts';
import { featuresStep } from '../../processors/features/step.ts';
import { withoutModels, type EntryOf } from '../../processors/step-entry.ts';
import {
  entries,
  inputTopics,
  mainInput,
  outputTopics,
  stepNames,
  stepsWriting,
} from '../../processors/topology.ts';
import { commitIntervalOf, processorFor } from '../../processors/wiring.ts';
import { avroTopicIds, topicIds, topicNames, topics, writersOf } from '../../schemas/catalogue.ts';
import type { TopicEntry } from '../../schemas/catalogue.ts';
import { serdeWithoutRegistry } from '../../schemas/registry/serde.ts';
import { small } from './support.ts';

/**
 * What states and positions on a broker are found by: written by older programs, and to be found by newer ones. A new step
 * need not be added.
 */
const onTheWire = {
  validate: {
    reads: { readings: 'stream sensor-readings.v1' },
    writes: { validated: 'validated-readings.v1', rejected: 'rejected-readings.v1' },
    changelog: 'validate-changelog',
    source: '/castwatch/validate',
  },
  features: {
    reads: { readings: 'stream validated-readings.v1', mes: 'table mes-events.v1' },
    writes: { features: 'features.v1', rejected: 'rejected-readings.v1' },
    changelog: 'features-changelog',
    source: '/castwatch/features',
  },
  predict: {
    reads: { features: 'stream features.v1' },
    writes: { predictions: 'predictions.v1', shadow: 'shadow-predictions.v1', binned: 'binned-rows.v1' },
    changelog: undefined,
    source: '/castwatch/predict',
  },
  drift: {
    reads: { rows: 'stream binned-rows.v1' },
    writes: { drift: 'drift.v1' },
    changelog: 'drift-changelog',
    source: '/castwatch/drift',
  },
  quality: {
    reads: { predictions: 'stream predictions.v1', labels: 'table quality-labels.v1' },
    writes: { judged: 'judged-predictions.v1', quality: 'live-quality.v1' },
    changelog: 'quality-changelog',
    source: '/castwatch/quality',
  },
  alert: {
    reads: {
      predictions: 'stream predictions.v1',
      drift: 'stream drift.v1',
      quality: 'stream live-quality.v1',
    },
    writes: { alerts: 'alerts.v1' },
    changelog: 'alert-changelog',
    source: '/castwatch/alert',
  },
};

describe('topology', () => {
  const wires = {
    definition: small,
    serde: serdeWithoutRegistry(),
    topics: topicNames(),
    models: withoutModels,
  };

  const recorded = stepNames.filter((name) => name in onTheWire);

  it('keeps the names by which states and offsets are found', () => {
    const found = Object.fromEntries(
      recorded.map((name) => {
        const { step, inputs, outputs, state } = processorFor(name, wires);
        assert.equal(step.name, name);
        const reads = Object.entries(inputs).map(([from, { role, topic }]) => [from, `${role} ${topic}`]);
        const writes = Object.entries(outputs).map(([to, { topic }]) => [to, topic]);
        const sources = new Set(Object.values(outputs).map(({ headers }) => headers?.['ce_source']));
        const source = [...sources].join();
        return [
          name,
          {
            reads: Object.fromEntries(reads) as unknown,
            writes: Object.fromEntries(writes) as unknown,
            changelog: state?.changelog,
            source,
          },
        ];
      }),
    );
    assert.deepEqual(found, onTheWire);
  });

  it('lists the outputs of all steps', () => {
    const written = new Set(Object.values(entries).flatMap(({ outputs }) => Object.values(outputs)));
    assert.deepEqual(new Set(outputTopics), written);
    assert.equal(outputTopics.length, written.size);
  });

  it('lists the steps in the order that data flows', () => {
    for (const [index, step] of stepNames.entries())
      for (const topic of inputTopics(step))
        for (const writer of stepsWriting(topic))
          assert.ok(stepNames.indexOf(writer) < index, `${writer} → ${step}`);
  });

  it('knows the writer of each topic: a step, or the owner in the catalogue', () => {
    for (const id of topicIds) {
      const { owner }: TopicEntry = topics[id];
      assert.notEqual(writersOf(id, stepsWriting), '');
      if (avroTopicIds.some((each) => each === id) && stepsWriting(id).length > 0)
        assert.equal(owner, undefined, `${id} has an owner and a step`);
    }
    assert.equal(writersOf('rejectedReadings', stepsWriting), 'validate, features');
    assert.throws(() => writersOf('features', () => []), /no step writes features/);
  });

  it('says which stream drives a step, and how often a chain commits', () => {
    assert.deepEqual(recorded.map(mainInput), [
      'sensorReadings',
      'validatedReadings',
      'features',
      'binnedRows',
      'predictions',
      'predictions',
    ]);
    assert.equal(commitIntervalOf(['validate', 'features']), 50);
    assert.equal(commitIntervalOf(['alert', 'drift']), 25);
  });

  it('does not compile when an output, an input, a state or a statement about storage is missing', () => {
    assert.equal(Object.keys(mistakes).length, 7);
  });
});

const entry = {
  create: featuresStep,
  inputs: {
    readings: { topic: 'validatedReadings', role: 'stream' },
    mes: { topic: 'mesEvents', role: 'table' },
  },
  outputs: { features: 'features', rejected: 'rejectedReadings' },
  state: {
    codec: featuresStateCodec,
    changelog: 'featuresChangelog',
    largest: largestFeaturesState,
    sizedBy: 'its windows',
  },
  commitInterval: 50,
} as const satisfies EntryOf<FeaturesStep>;

/** The type checker refuses each of these; if it does not, `@ts-expect-error` is an error itself. */
const mistakes = {
  // @ts-expect-error an output of the step is missing
  outputForgotten: { ...entry, outputs: { features: 'features' } } as const satisfies EntryOf<FeaturesStep>,
  outputUnknown: {
    ...entry,
    // @ts-expect-error the step has no such output
    outputs: { ...entry.outputs, late: 'rejectedReadings' },
  } as const satisfies EntryOf<FeaturesStep>,
  outputOnWrongTopic: {
    ...entry,
    // @ts-expect-error predictions.v1 takes no feature rows
    outputs: { features: 'predictions', rejected: 'rejectedReadings' },
  } as const satisfies EntryOf<FeaturesStep>,
  inputForgotten: {
    ...entry,
    // @ts-expect-error an input of the step is missing
    inputs: { readings: entry.inputs.readings },
  } as const satisfies EntryOf<FeaturesStep>,
  inputOnWrongTopic: {
    ...entry,
    // @ts-expect-error the step cannot read predictions as MES events
    inputs: { ...entry.inputs, mes: { topic: 'predictions', role: 'table' } },
  } as const satisfies EntryOf<FeaturesStep>,
  stateForgotten: {
    create: entry.create,
    inputs: entry.inputs,
    outputs: entry.outputs,
    commitInterval: 50,
    // @ts-expect-error the step has a state, and the entry does not say how it is kept
  } as const satisfies EntryOf<FeaturesStep>,
  topicWithoutStatement: {
    name: 'x.v1',
    key: 'asset',
    schema: 'x.v1.avsc',
    cleanup: 'delete',
    retentionDays: 7,
    retentionGiB: 1,
    description: 'A topic that neither has a table nor says why not.',
    // @ts-expect-error the topic does not say whether it is stored
  } as const satisfies TopicEntry,
};
