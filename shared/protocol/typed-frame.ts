import { isObject } from './decode-frame.ts';
import { EVERYONE } from './topic.ts';

/**
 * Returns the frame with `action` that a frame with `type` stands for, as two of the classic tutorials send it;
 * undefined for any other value. The other fields stay as they are; the content of a `message` moves to `data`.
 */
export function fromTypedFrame(frame: unknown): Readonly<Record<string, unknown>> | undefined {
  if (!isObject(frame) || 'action' in frame) return undefined;
  const { type, ...rest } = frame;
  switch (type) {
    case 'subscribe':
    case 'unsubscribe':
      return { ...rest, action: type };
    case 'message':
      return { topic: EVERYONE, ...withData(rest), action: 'publish' };
    default:
      return undefined;
  }
}

/** Moves a frame's content from `message` to `data`. A frame with both keeps both, and the schema then refuses it. */
function withData({ message, ...rest }: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  if (message === undefined) return rest;
  return 'data' in rest ? { ...rest, message } : { ...rest, data: message };
}
