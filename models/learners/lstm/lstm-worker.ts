/** The trainer's worker thread: takes one job and gives one answer. See lstm-trainer.ts. */
import { parentPort, workerData } from 'node:worker_threads';
import { fitLstm, type LstmJob } from './fit.ts';

parentPort?.postMessage(await fitLstm(workerData as LstmJob));
