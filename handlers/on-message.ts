import { onMessageFrame } from '../shared/protocol/client-frames.ts';
import { EVERYONE } from '../shared/protocol/topic.ts';
import { publishTo } from './publish-to.ts';
import { route } from './route.ts';
import { openTopicStore } from './open-stores.ts';

const topics = openTopicStore();

/** Handles `onMessage`, the classic tutorials' form of a publish to `everyone`: one atomic write, like `publish`. */
export const handler = route('onMessage', {
  schema: onMessageFrame,
  write: ({ message, key }, caller) => publishTo(topics, { topic: EVERYONE, data: message, key }, caller),
});
