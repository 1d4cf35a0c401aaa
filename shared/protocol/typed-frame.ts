import { isObject } from './decode-frame.ts';
import { EVERYONE } from './topic.ts';

/**
 * The action that a frame without `action` means by its `type`, as two of the classic tutorials write it; undefined when
 * it means none. Only the fields that those tutorials send are taken over.
 */
export function fromTypedFrame(frame: unknown): Readonly<Record<string, unknown>> | undefined {
  if (!isObject(frame) || 'action' in frame) return undefined;
  const { type, topic, data, message, ...rest } = frame;
  switch (type) {
    case 'subscribe':
    case 'unsubscribe':
      return { ...rest, topic, action: type };
    case 'message':
      return { ...rest, action: 'publish', topic: topic ?? EVERYONE, data: data === undefined ? message : data };
    default:
      return undefined;
  }
}
