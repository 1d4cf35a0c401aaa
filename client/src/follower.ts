import type { ClientFrame } from '../../shared/protocol/client-frames.ts';
import type {
  AckFrame,
  MessageFrame,
  PresenceFrame,
  StateFrame,
  SubscribedFrame,
} from '../../shared/protocol/server-frames.ts';
import type { RealtimeError } from './realtime-error.ts';
import type { Clock, Position, SubscriptionState } from './types.ts';

/** What follows one topic: a subscription or a counter. The connection hands it what concerns its topic. */
export interface Follower {
  readonly topic: string;
  /** Where it stands; undefined before the first answer. */
  readonly position: Position | undefined;
  /** Whether a topic in the URL says all that its subscribe frame would. */
  readonly isPlain: boolean;
  /** A connection is there; `inUrl` when it has subscribed to the topic already. */
  online(inUrl: boolean): void;
  offline(): void;
  /** The next connection is there, beside the current one, which goes on until this one is settled; `inUrl` as above. */
  renew(inUrl: boolean): void;
  /** The next connection will not come: the current one is asked. */
  renewalFailed(): void;
  /** Nothing that was asked waits for its answer. */
  readonly isSettled: boolean;
  close(): void;
  receive(frame: MessageFrame | StateFrame | SubscribedFrame | PresenceFrame): void;
}

/** What a follower needs of the connection. */
export interface FollowerDeps {
  readonly clock: Clock;
  readonly request: (frame: ClientFrame) => Promise<AckFrame>;
  /** The next connection is open, beside the current one. */
  readonly isRenewing: () => boolean;
  /** A key that no other request has. */
  readonly newKey: () => string;
  /** The topic is followed no more. */
  readonly release: (follower: Follower) => void;
}

/** The events that every follower has. */
export interface FollowerEvents {
  readonly state: SubscriptionState;
  readonly error: RealtimeError;
}
