import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { bundleHandlers } from '../infra/bundle-handlers.ts';
import { AUTHORIZE_HANDLER, HANDLERS, POSTER_IDS } from '../infra/functions.ts';
import { STREAM_HANDLER } from '../infra/http-door.ts';
import { FROM_TABLE_HANDLER } from '../infra/topics-from.ts';

/** The handlers of every construct, and those that only some have. */
const ALL = [...Object.values(HANDLERS), AUTHORIZE_HANDLER, FROM_TABLE_HANDLER, STREAM_HANDLER];

/**
 * Adds the handlers' bundles to the package of the construct, where `infra/handler-bundles.ts` looks for them: one for
 * each handler, and one more for the official client of each that posts to connections.
 */
export async function addHandlers(folder: string): Promise<void> {
  const posting = POSTER_IDS.map((id) => HANDLERS[id]);
  await addBundles(join(folder, 'handlers'), await bundleHandlers(ALL), ALL);
  await addBundles(join(folder, 'handlers/sdk'), await bundleHandlers(posting, 'sdk'), posting);
}

async function addBundles(
  folder: string,
  bundles: Awaited<ReturnType<typeof bundleHandlers>>,
  handlers: readonly string[],
): Promise<void> {
  try {
    for (const handler of handlers) cpSync(bundles.directoryOf(handler), join(folder, handler), { recursive: true });
  } finally {
    await bundles.remove();
  }
}
