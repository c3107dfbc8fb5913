/** How V8 collects garbage in a process that runs stream steps. */
import { setFlagsFromString } from 'node:v8';

/**
 * Switches off V8's pretenuring. V8 allocates objects directly in the old heap when earlier objects from the same code
 * survived a collection or two. Here these are often a scan's measurements, which are garbage a millisecond later. In the
 * old heap they cost full collections, and more of them with more assets. Call this before anything else runs.
 */
export function makeObjectsYoung(): void {
  setFlagsFromString('--no-allocation-site-pretenuring');
}
