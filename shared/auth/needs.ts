import type { ClientFrame } from '../protocol/client-frames.ts';
import { DEFAULT_COUNTER, EVERYONE } from '../protocol/topic.ts';
import type { Need } from './permissions.ts';

/** Returns what a client's frame needs permission for. An `unsubscribe` and a `ping` without positions need nothing. */
export function needsOf(frame: ClientFrame): readonly Need[] {
  switch (frame.action) {
    case 'subscribe':
      return subscribing(frame.topic, frame.presence);
    case 'publish':
      return [{ action: 'publish', name: frame.topic }];
    case 'onMessage':
      return [{ action: 'publish', name: EVERYONE }];
    case 'plus':
    case 'minus':
      return [{ action: 'count', name: frame.counter ?? DEFAULT_COUNTER }];
    case 'ping':
      return Object.keys(frame.positions ?? {}).map((name) => ({ action: 'subscribe', name }));
    case 'setPresence':
      return [{ action: 'presence', name: frame.topic }];
    case 'unsubscribe':
      return [];
  }
}

const subscribing = (name: string, presence?: true): readonly Need[] =>
  presence === true
    ? [
        { action: 'subscribe', name },
        { action: 'presence', name },
      ]
    : [{ action: 'subscribe', name }];
