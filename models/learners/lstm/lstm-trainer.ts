/** Trains an LSTM without blocking: one worker thread for each job. */
import '../../onnx/no-telemetry.ts';
import { Worker } from 'node:worker_threads';
import { CastwatchError } from '../../../base/errors.ts';
import type { LstmJob, LstmResult } from './fit.ts';

/**
 * The same job gives the same bytes on the same machine. Sequences in shared memory are not copied.
 * @throws CastwatchError BUG when the trainer ends without an answer; otherwise the error of the trainer
 */
export function trainLstm(job: LstmJob): Promise<LstmResult> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('lstm-worker.ts', import.meta.url), {
      workerData: job,
      execArgv: [],
    });
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', (status) => {
      reject(new CastwatchError('BUG', `the LSTM trainer ended (status ${status}) without an answer`));
    });
  });
}
