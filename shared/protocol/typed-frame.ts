import { isObject } from './decode-frame.ts';
import { EVERYONE } from './topic.ts';

/**
 * The action that a frame without `action` means by its `type`, as two of the classic tutorials write it; undefined
 * when it means none. Only the fields that those tutorials send are taken over.
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

/** Its content is in `data` or in `message`; a frame with both keeps both, and is refused for it. */
function withData({ message, ...rest }: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  if (message === undefined) return rest;
  return 'data' in rest ? { ...rest, message } : { ...rest, data: message };
}
