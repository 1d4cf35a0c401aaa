import { onMessageFrame } from '../shared/protocol/client-frames.ts';
import { EVERYONE } from '../shared/protocol/topic.ts';
import { publishTo } from './publish-to.ts';
import { route } from './route.ts';
import { openTopicWriter } from './open-stores.ts';

const topics = await openTopicWriter();

/** Handles `onMessage`, the classic tutorials' form of a publish to `everyone`: one atomic write, like `publish`. */
export const handler = route('onMessage', {
  schema: onMessageFrame,
  write: ({ message, key }, caller) => publishTo(topics, { topic: EVERYONE, data: message, key }, caller),
});
