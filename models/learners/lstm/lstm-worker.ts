/** The trainer's worker thread: one job, one answer. See trainer.ts. */
import { parentPort, workerData } from 'node:worker_threads';
import type { LstmJob } from './fit.ts';
import { fitLstm } from './fit.ts';

parentPort?.postMessage(await fitLstm(workerData as LstmJob));
