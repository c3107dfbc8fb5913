import { strict as assert } from 'node:assert';
import { join } from 'node:path';
import { stepLag } from '../../proof/lag.ts';
import { openDefinition } from '../../roles/open-definition.ts';
import { openSource } from '../../sources/open.ts';
import type { SupervisedRole } from '../../cli/start/supervisor.ts';
import type { Replayable } from '../../sources/source.ts';
import { recordedData } from '../support/data.ts';
import { startPipeline, type Pipeline } from '../support/pipeline.ts';
import { assertReconciled } from '../support/reconciled.ts';
import { waitFor } from '../support/wait.ts';

const definitionFile = 'processes/pump-rig.yaml';

describe('the replay of recorded files', function () {
  this.timeout(900_000);
  let folder: string;
  let pipeline: Pipeline;

  before(function () {
    folder = recordedData(this, 'skab');
  });
  beforeEach(async () => {
    pipeline = await startPipeline({ process: definitionFile });
  });
  afterEach(() => pipeline.stop());

  const files = (pattern: string): Promise<Replayable> =>
    openSource(openDefinition({ process: definitionFile }), {
      source: 'csv',
      file: [join(folder, pattern)],
      seed: '1',
      faults: 'none',
      startTime: 0,
    });

  /** `kill -9` while the step has something to do; its supervisor starts it again. */
  async function killDuring(role: SupervisedRole, step: 'validate' | 'features' | 'predict'): Promise<void> {
    const committed = async (): Promise<number> => {
      const topic = {
        validate: 'sensorReadings',
        features: 'validatedReadings',
        predict: 'features',
      } as const;
      const name = pipeline.kafka.topics[topic[step]];
      const group = `${pipeline.kafka.prefix}castwatch-${step}`;
      const offsets = await pipeline.kafka.transport.committedOffsets(group, name);
      return [...offsets.values()].reduce((sum, offset) => sum + offset, 0);
    };
    const before = await committed();
    await waitFor(
      async () =>
        (await committed()) > before &&
        (await stepLag(pipeline.kafka, step)).some(({ records }) => records > 0),
      `${step} in the middle of its work`,
      60_000,
    );
    const pid = await waitFor(() => role.pid(), 'a running role');
    process.kill(pid, 'SIGKILL');
    await waitFor(() => role.pid() !== undefined && role.pid() !== pid, 'the role started again', 30_000);
  }

  it('fills every table as the oracle does for all 35 files, although roles are killed and the files are sent twice', async () => {
    const processing = await pipeline.role('process', 'process', '--process', definitionFile);
    const sink = await pipeline.role('sink', 'sink');
    const publishing = pipeline.publish(await files('**/*.csv'));
    await killDuring(processing, 'validate');
    await killDuring(processing, 'features');
    const sinkPid = sink.pid();
    if (sinkPid !== undefined) process.kill(sinkPid, 'SIGKILL');
    const { published } = await publishing;
    const once = await pipeline.settleAndReconcile();
    assertReconciled(once);
    assert.equal(once.recordsIn, published.sensorReadings);
    assert.equal(once.rowsPerTable['predictions'], once.predictions);
    assert.equal(once.rowsPerTable['quality_labels'], published.qualityLabels);
    assert.ok(once.predictions > 10_000);

    await pipeline.publish(await files('**/*.csv'));
    const twice = await pipeline.settleAndReconcile();
    assertReconciled(twice);
    assert.equal(twice.recordsIn, 2 * once.recordsIn);
    assert.equal(twice.rejected['DUPLICATE'], once.recordsIn);
    assert.deepEqual(
      { ...twice.rowsPerTable, rejected_readings: 0 },
      { ...once.rowsPerTable, rejected_readings: 0 },
    );
  });
});
