/**
 * Trains with XGBoost without blocking, in one short-lived process for each job. It is a process and not a worker
 * thread for three reasons: the native library has its own name space and thread-local tables (library.ts), the
 * process releases all memory when it ends, and a crash stops nothing else.
 */
import { fork } from 'node:child_process';
import { join } from 'node:path';
import { CastwatchError, type ErrorCode } from '../../../base/errors.ts';
import type { XgboostJob, XgboostResult } from './booster.ts';

export type TrainerReply =
  | { readonly kind: 'done'; readonly result: XgboostResult }
  | {
      readonly kind: 'failed';
      readonly message: string;
      readonly code?: ErrorCode | undefined;
      readonly remedy?: string | undefined;
    };

/**
 * The same job gives the same bytes.
 * @throws CastwatchError ENVIRONMENT when the native library or libgomp1 is missing; BUG when the trainer died
 */
export function trainXgboost(job: XgboostJob): Promise<XgboostResult> {
  return new Promise((resolve, reject) => {
    const child = fork(join(import.meta.dirname, 'xgboost-process.ts'), [], {
      serialization: 'advanced',
      execArgv: [],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    child.once('message', (answer: TrainerReply) => {
      if (answer.kind === 'done') resolve(answer.result);
      else
        reject(
          new CastwatchError(
            answer.code ?? 'BUG',
            answer.message,
            answer.remedy ? { remedy: answer.remedy } : {},
          ),
        );
    });
    child.once('error', reject);
    child.once('exit', (status, signal) => {
      reject(
        new CastwatchError(
          'BUG',
          `the XGBoost trainer ended (${signal ?? `status ${status ?? '?'}`}) without an answer`,
        ),
      );
    });
    child.send(job);
  });
}
