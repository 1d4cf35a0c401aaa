import type { ClientFrame } from '../../shared/protocol/client-frames.ts';
import type {
  MembersFrame,
  MessageFrame,
  PresenceFrame,
  StateFrame,
  SubscribedFrame,
} from '../../shared/protocol/server-frames.ts';
import type { RealtimeError } from './realtime-error.ts';
import type { RequestAnswer } from './waiting-request.ts';
import type { Clock, OwnPresence, Position, SubscriptionState } from './types.ts';
import type { UrlTopic } from './url-with-topics.ts';

/** The receiver of the frames of one topic: a subscription or a counter. */
export interface TopicReceiver {
  readonly topic: string;
  readonly requests: OpenRequests;
  /** The presence of the topic; a counter and a wildcard have none. */
  readonly presence?: OwnPresence | undefined;
  /** The position in the topic; undefined before the first answer. */
  readonly position: Position | undefined;
  /** Returns how the URL of the next connection can subscribe; undefined if it takes a frame. */
  forUrl(): UrlTopic | undefined;
  /** Subscribes by the new connection. `inUrl`: the URL has subscribed to the topic already. */
  online(inUrl: boolean): void;
  /** Notes that the connection is lost. */
  offline(): void;
  /**
   * Subscribes without a change of state: by the next connection, which replaces the current one when all receivers are
   * settled, or by the current one again, when that renewal has failed.
   */
  renew(inUrl: boolean): void;
  close(): void;
  receive(frame: TopicFrames): void;
  /**
   * Registers a publish with `echo: false` to a topic. Call the returned function with its position, or undefined when
   * it failed. Absent where no message is received.
   */
  startSilentPublish?(topic: string): (own: Position | undefined) => void;
}

/** A frame about one topic. */
export type TopicFrames = MessageFrame | StateFrame | SubscribedFrame | PresenceFrame | MembersFrame;

/** The subscribe requests of one topic, as the client sees them. */
interface OpenRequests {
  readonly state: SubscriptionState;
  /** Whether a request is open: its `subscribed` answer is not complete. */
  readonly isWaiting: boolean;
  /** Ends the request: the server has refused it. */
  fail(error: RealtimeError): void;
}

/** The services of the client that a topic receiver uses. */
export interface TopicReceiverDeps {
  readonly clock: Clock;
  readonly request: (frame: ClientFrame) => Promise<RequestAnswer>;
  readonly isOnline: () => boolean;
  /** Whether the server may send this client a message that it published with `echo: false`. */
  readonly hasEcho: () => boolean;
  /** Returns a key that no other request has. */
  readonly newKey: () => string;
  /** Removes the receiver and unsubscribes from its topic. */
  readonly release: (receiver: TopicReceiver) => void;
}

/** The events of every subscription and counter. */
export interface TopicEvents {
  readonly state: SubscriptionState;
  readonly error: RealtimeError;
}
