/** How V8 collects garbage in a process that runs stream steps. */
import { setFlagsFromString } from 'node:v8';

/**
 * V8 makes objects in the old heap when their like has outlived a collection or two. Here that is whatever was in the
 * making at the time: a scan's measurements, which are dead a millisecond later, but then cost a full collection, and the
 * more, the more assets there are. Call before anything runs.
 */
export function makeObjectsYoung(): void {
  setFlagsFromString('--no-allocation-site-pretenuring');
}
