import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Time in ms from the start until its garbage is collected, 2,000: what was started has then come to rest. */
const AFTER_START_MS = 2_000;

type Collect = (options: { readonly type: 'major'; readonly flavor: 'last-resort' }) => void;

/**
 * Gives back the memory that only the start needed, once, in some 20 ms. V8 by itself keeps it: a runtime at rest does
 * too little to make it collect.
 */
export function giveBackMemory(): void {
  setTimeout(() => {
    setFlagsFromString('--expose-gc');
    const collect: Collect = runInNewContext('gc');
    collect({ type: 'major', flavor: 'last-resort' });
  }, AFTER_START_MS).unref();
}
