/** The trainer's process: takes one job, boosts, answers and ends. See xgboost-trainer.ts. */
import { messageOf } from '../../../base/text.ts';
import { CastwatchError } from '../../../base/errors.ts';
import { boost, type XgboostJob } from './booster.ts';
import { loadLibrary } from './library.ts';
import type { TrainerReply } from './xgboost-trainer.ts';

process.once('message', (job: XgboostJob) => {
  process.send?.(answer(job), () => {
    process.disconnect();
  });
});

function answer(job: XgboostJob): TrainerReply {
  try {
    return { kind: 'done', result: boost(loadLibrary(), job) };
  } catch (error) {
    const message = messageOf(error);
    const known = error instanceof CastwatchError ? { code: error.code, remedy: error.remedy } : {};
    return { kind: 'failed', message, ...known };
  }
}
