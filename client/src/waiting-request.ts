import type { AckFrame, HistoryFrame, MessageFrame } from '../../shared/protocol/server-frames.ts';
import type { RealtimeError } from './realtime-error.ts';
import type { SocketRole } from './reconnecting-socket.ts';
import type { TopicEffect } from './topic-effect.ts';

/** The answer to a request: the fields of an `ack`, or those of a whole history. */
export type RequestAnswer = Omit<AckFrame, 'type' | 'id' | 'action'> &
  Pick<Partial<HistoryFrame>, 'messages' | 'before' | 'lost'>;

/** A request without an answer yet. */
export interface WaitingRequest {
  readonly id: string;
  /** The frame, serialized at the call. */
  readonly text: string;
  /** Whether the request can be sent again: it has a key, or reads only. */
  readonly isRepeatable: boolean;
  /** The topic whose history the request reads; undefined for any other request. */
  readonly historyOf: string | undefined;
  /** The messages of its answer so far, by seq: a repeat may bring them again. */
  readonly messages: Map<number, MessageFrame>;
  /** The effect of a subscribe or unsubscribe frame on its topic; undefined for the requests of the application. */
  readonly effect: TopicEffect | undefined;
  readonly resolve: (answer: RequestAnswer) => void;
  readonly reject: (error: RealtimeError) => void;
  role: SocketRole;
  cancelTimeout?: (() => void) | undefined;
  /** Time of the first sending. Undefined if the frame was never sent: then it certainly was not done. */
  sentAtMs?: number | undefined;
  /** Whether the frame was sent by a connection that is still open. */
  isInFlight: boolean;
  /** The number of failed attempts. */
  failures: number;
  /** Undefined when no retry is due. */
  cancelRetry?: (() => void) | undefined;
}
