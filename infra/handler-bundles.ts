import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Poster } from '../shared/config.ts';

/** The bundles of the handlers, each by the handler's file name without its ending. */
export interface HandlerBundles {
  /** Returns the directory of a handler's bundle, which exports `handler` from `index.mjs`. */
  readonly directoryOf: (handler: string) => string;
}

/** The directory of the bundles that the package brings, beside its code. */
const PREBUILT = join(import.meta.dirname, 'handlers');

/**
 * Returns the bundles that the package brings. A handler that posts to connections has one bundle for each poster:
 * `handlers/NAME`, and `handlers/sdk/NAME` for the official client. Throws where there are none.
 */
export function prebuiltBundles(poster: Poster): HandlerBundles {
  return {
    directoryOf: (handler) => {
      const [special, common] = [join(PREBUILT, poster, handler), join(PREBUILT, handler)];
      const found = [special, common].find((directory) => existsSync(join(directory, 'index.mjs')));
      if (found === undefined) throw new Error(`There is no bundle of ${handler} in ${PREBUILT}: pass bundles.`);
      return found;
    },
  };
}
