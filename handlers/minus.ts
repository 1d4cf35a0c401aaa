import { minusFrame } from '../shared/protocol/client-frames.ts';
import { increment } from './increment.ts';
import { route } from './route.ts';
import { openTopicWriter } from './open-stores.ts';

const topics = await openTopicWriter();

/** Handles `minus`: subtracts from a counter, by the same write as `plus`. */
export const handler = route('minus', {
  schema: minusFrame,
  write: (frame, caller) => increment(topics, frame, caller),
});
