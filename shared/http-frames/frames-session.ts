import type { Principal } from '../auth/permissions.ts';
import type { StreamRequest } from '../http-door/stream-request.ts';
import type { FollowedTopics } from './followed-topics.ts';

/** One request with frames, and what it follows. */
export interface FramesSession {
  readonly request: StreamRequest;
  /** The client's verified token. Absent where the stack does not authenticate. */
  readonly principal?: Principal | undefined;
  readonly followed: FollowedTopics;
  /** Whether the answer ends with the first news. */
  readonly isPoll: boolean;
}
