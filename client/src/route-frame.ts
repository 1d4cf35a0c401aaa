import type { ErrorFrame } from '../../shared/protocol/server-frames.ts';
import { COUNTER_PREFIX } from './counter.ts';
import type { ReceivedFrame } from './monitored-socket.ts';
import { realtimeErrorOf, RealtimeError } from './realtime-error.ts';
import type { ReconnectingSocket } from './reconnecting-socket.ts';
import type { Requests } from './requests.ts';
import type { TopicReceivers } from './topic-receivers.ts';

/** The parts of a client that frames of the server are for. */
export interface FrameRoutes {
  readonly receivers: TopicReceivers;
  readonly requests: Requests;
  readonly connection: ReconnectingSocket;
  /** Whether the next connection can have another token. */
  readonly canRenew: boolean;
  /** Called with an error that belongs to no request. */
  readonly onError: (error: RealtimeError) => void;
  /** Called with an error after which no connection is of use under the token that there is. */
  readonly onStop: (error: RealtimeError) => void;
}

/** A frame that holds no other. */
type SingleFrame = Exclude<ReceivedFrame, { type: 'batch' }>;

/** Returns the frames that came in one. */
export const framesIn = (frame: ReceivedFrame): readonly SingleFrame[] =>
  frame.type === 'batch' ? frame.frames : [frame];

/** Hands a frame of the server to the part of the client that it is for. A frame of an unknown type is dropped. */
export function routeFrame(frame: SingleFrame, routes: FrameRoutes): void {
  const { receivers, requests, onError } = routes;
  switch (frame.type) {
    case 'message':
    case 'subscribed':
    case 'presence':
    case 'members':
      // What was missed of a topic by a wildcard is for that wildcard alone.
      if ('wildcard' in frame && frame.wildcard !== undefined) return receivers.find(frame.wildcard)?.receive(frame);
      return receivers.over(frame.topic).forEach((receiver) => receiver.receive(frame));
    case 'state':
      return receivers.find(COUNTER_PREFIX + frame.counter)?.receive(frame);
    case 'ack':
    case 'history':
      return requests.settle(frame);
    case 'error':
      return routeError(frame, routes);
    case 'gateway':
      requests.someFailed();
      return onError(new RealtimeError('unavailable', frame.message));
    case 'pong':
  }
}

function routeError(
  frame: ErrorFrame,
  { receivers, requests, connection, canRenew, onError, onStop }: FrameRoutes,
): void {
  const { id, code, topics = [] } = frame;
  const error = realtimeErrorOf(frame);
  const isExpired = code === 'token-expired';
  if (isExpired ? !canRenew : code === 'revoked' && topics.includes('*')) return onStop(error);
  if (isExpired) connection.renew();
  if (frame.closing === true) connection.holdOff(frame.retryAfterMs);
  // The request is repeated. Meanwhile a ping shows whether the server has lost the subscription.
  if (id !== undefined && code === 'not-subscribed') connection.wake();
  if (id !== undefined) requests.settle(frame);
  // The application learns of the pause, though the request is repeated.
  if (id !== undefined && code !== 'rate-limited') return;
  if (code === 'not-subscribed') return receivers.subscribeAgain();
  if (code === 'forbidden' && topics.length > 0) return receivers.refuse(topics, error);
  if (!isExpired) onError(error);
}
