import { plusFrame } from '../shared/protocol/client-frames.ts';
import { increment } from './increment.ts';
import { route } from './route.ts';
import { openTopicWriter } from './open-stores.ts';

const topics = await openTopicWriter();

/** Handles `plus`: adds to a counter, by one atomic write. */
export const handler = route('plus', { schema: plusFrame, write: (frame, caller) => increment(topics, frame, caller) });
