import type { ReadSettings } from '../store/read-settings.ts';
import type { SliceRange, StreamSlice } from '../store/stream-messages.ts';
import type { StreamState } from '../store/stream-state.ts';
import type { StreamStore } from '../store/streams.ts';
import type { CursorDeps } from './cursor.ts';
import type { WaitForNews } from './news.ts';
import type { StreamAnswer, StreamRequest } from './stream-request.ts';

/** The dependencies of the door. */
export interface DoorDeps extends CursorDeps {
  readonly streams: StreamStore;
  readonly readSlice: (state: StreamState, range: SliceRange) => Promise<StreamSlice>;
  /** Waits until a topic has news for a reader. */
  readonly waitForNews: WaitForNews;
  /** Checks the values of messages by their topic's schema. Throws ClientError `bad-data`. */
  readonly checkValues: (topic: string, values: readonly unknown[]) => Promise<void>;
  /** Returns what a client can read of a topic. */
  readonly settingsOf: (topic: string) => ReadSettings;
  /** Whether clients may create a topic. */
  readonly mayCreate: (topic: string) => boolean;
  /**
   * Checks the request's token, where the stack authenticates. Returns the writer's subject, or the refusal. Throws
   * ClientError.
   */
  readonly admit: (request: StreamRequest, need: StreamNeed) => Promise<Admitted>;
  /** Counts a request and what it appends by its subject's rates. Throws ClientError `rate-limited`. */
  readonly count: (
    subject: string | undefined,
    used: { readonly frames: number; readonly publishes: number },
  ) => Promise<void>;
  /** Time in ms for which a long poll waits. */
  readonly longPollMs: number;
  /** Time in ms after which a stream of events ends, to be continued by the next request. */
  readonly eventsMs: number;
}

/** The permission that a request needs. */
export interface StreamNeed {
  readonly action: 'subscribe' | 'publish';
  readonly name: string;
}

/** A request that was let in, with the subject of its token; or the refusal. */
type Admitted =
  | { readonly subject?: string | undefined; readonly isPrivate: boolean }
  | { readonly refused: 401 | 403 };

/** A request that was let in. */
export interface AdmittedRequest {
  readonly request: StreamRequest;
  readonly topic: string;
  readonly subject?: string | undefined;
  /** Whether the answer is for this client alone. */
  readonly isPrivate: boolean;
  /** Checks the request's token once more, after a wait. Resolves to the refusal, if it permits no more. */
  readonly checkAgain: () => Promise<StreamAnswer | undefined>;
}
