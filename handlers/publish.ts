import { publishFrame } from '../shared/protocol/client-frames.ts';
import { publishTo } from './publish-to.ts';
import { route } from './route.ts';
import { openTopicWriter } from './open-stores.ts';

const topics = await openTopicWriter();

/** Handles `publish`: one atomic ADD on the topic's head; with a `key`, in one transaction with the key's record. */
export const handler = route('publish', {
  schema: publishFrame,
  write: (frame, caller) => publishTo(topics, frame, caller),
});
