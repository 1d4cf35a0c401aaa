import { publishFrame } from '../shared/protocol/client-frames.ts';
import { publishTo } from './publish-to.ts';
import { route } from './route.ts';
import { openTopicStore } from './open-stores.ts';

const topics = openTopicStore();

/** Publishes to a topic: one atomic ADD on its head. */
export const handler = route('publish', {
  schema: publishFrame,
  write: (frame, connection) => publishTo(topics, frame, connection),
});
