/**
 * The same input gives the same records, dead letters and changelogs as on the day of recording, byte for byte; and a
 * changelog of that day is read: the rest of the input gives the rest of the outputs.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StepName } from '../../processors/topology.ts';
import { isKnownAsset } from '../../processes/plant.ts';
import { splitPartKey } from '../../stream/index.ts';
import { readGolden, type Changelog, type Golden, type Slices } from './archive.ts';
import { processor, type TrainingFacts } from './bundle-facts.ts';
import { runStep, type StepResult, type StepRun } from './run-step.ts';
import { sameChangelog, sameNearly, sameSlices } from './same.ts';
import { carryHeaders, goldenSerde, stepNames, topics, wire, type Wired } from './steps.ts';

const recorded = JSON.parse(readFileSync(join(import.meta.dirname, 'bundles.json'), 'utf8')) as {
  readonly [plant: string]: { readonly bundle: string };
} & { readonly trained: TrainingFacts };
/** Models answer with the same bits only on the kind of processor that they were recorded on. */
const sameBits = recorded.trained.processor === processor;

for (const plant of ['casting', 'pump-rig'] as const)
  describe(`golden records of ${plant}`, function () {
    this.timeout(60_000);
    let golden: Golden;
    let wired: Wired;
    before(async () => {
      golden = readGolden(join(import.meta.dirname, `${plant}.golden.br`));
      wired = await wire(golden, recorded[plant]?.bundle ?? '');
    });
    after(() => wired.predictor.close());

    const run = (step: StepName, how: Partial<StepRun> = {}): Promise<StepResult> =>
      runStep({
        stage: wired.stage(step),
        changelog: wired.changelog(step),
        inputs: golden.topics,
        carryHeaders,
        ...how,
      });

    /** The recorded output of a step, from a slice on. */
    const expected = (step: StepName, topic: string, from = 0): Slices =>
      (golden.topics[`${topic} of ${step}`] ?? golden.topics[topic] ?? []).slice(from);

    /** The recording version also kept states for keys that are no assets. They are deleted now. */
    const ofAssets = (changelog: Changelog): Changelog =>
      new Map(
        [...changelog].filter(([place]) => {
          const [key] = splitPartKey(place.slice(place.indexOf(' ') + 1));
          return isKnownAsset(wired.definition, key);
        }),
      );

    function sameOutputs(step: StepName, outputs: StepResult['outputs'], from = 0): void {
      const codecs = goldenSerde(golden.schemas);
      for (const [topic, slices] of Object.entries(outputs))
        if (step === 'predict' && !sameBits) sameAnswers(topic, slices, expected(step, topic, from));
        else sameSlices(codecs, topic, slices, expected(step, topic, from));
    }

    function sameAnswers(topic: string, actual: Slices, wanted: Slices): void {
      const { codec } = goldenSerde(golden.schemas);
      const id = (['predictions', 'shadowPredictions'] as const).find((each) => topics[each] === topic);
      const values = (slices: Slices): unknown[] =>
        slices.flat().map(({ value, ...rest }) => {
          const decoded = value === null || id === undefined ? value?.length : codec(id).decode(value);
          return { ...rest, value: typeof decoded === 'object' ? { ...decoded, reason: '' } : decoded };
        });
      sameNearly(values(actual), values(wanted), topic);
    }

    for (const step of stepNames) {
      it(`${step} writes the same from the same input`, async () => {
        const { outputs, half, end } = await run(step);
        sameOutputs(step, outputs);
        const changelog = golden.changelogs[step];
        if (changelog === undefined) return;
        sameChangelog(`${step} half-way`, half, ofAssets(changelog.half));
        sameChangelog(`${step} at the end`, end, ofAssets(changelog.end));
      });

      if (step !== 'predict')
        it(`${step} continues from the recorded changelog`, async () => {
          const changelog = golden.changelogs[step];
          assert.ok(changelog !== undefined && changelog.half.size > 0);
          const { outputs, end } = await run(step, { resumeFrom: changelog.half });
          sameOutputs(step, outputs, 3);
          sameChangelog(`${step} at the end`, end, ofAssets(changelog.end));
        });
    }
  });
