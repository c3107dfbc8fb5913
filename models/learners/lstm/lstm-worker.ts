/** The trainer's worker thread: one job, one answer. See trainer.ts. */
import { parentPort, workerData } from 'node:worker_threads';
import { fitLstm, type LstmJob } from './fit.ts';

parentPort?.postMessage(await fitLstm(workerData as LstmJob));
