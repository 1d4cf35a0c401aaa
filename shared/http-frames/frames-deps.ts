import type { Principal } from '../auth/permissions.ts';
import type { RecoverDeps } from '../fanout/catch-up/recover.ts';
import type { StreamRequest } from '../http-door/stream-request.ts';
import type { AckFields } from '../protocol/answers.ts';
import type { ClientFrame } from '../protocol/client-frames.ts';
import type { FrameWeight } from '../rates/weights.ts';
import type { Head } from '../store/head.ts';
import type { ReadSettings } from '../store/read-settings.ts';

/** A frame that publishes or counts. */
export type WritingFrame = Extract<ClientFrame, { action: 'publish' | 'onMessage' | 'plus' | 'minus' }>;

/** A client whose token was verified; one without a principal where the stack does not authenticate. */
type Authenticated =
  | { readonly principal?: Principal | undefined }
  | { readonly refused: 401 }
  | { readonly refused: 403 };

/** The dependencies of frames by HTTP. */
export interface FramesDeps extends RecoverDeps {
  /** Returns what a client can read of a topic. */
  readonly settingsOf: (topic: string) => ReadSettings;
  /** Reads a topic's head, strongly consistent. */
  readonly findHead: (topic: string) => Promise<Head | undefined>;
  /** Reads a topic's head, by the cheaper read. */
  readonly glanceAtHead: (topic: string) => Promise<Head | undefined>;
  /** Publishes or counts by one atomic write. Throws ClientError. */
  readonly write: (frame: WritingFrame, subject: string | undefined) => Promise<AckFields>;
  /** Verifies the request's token, where the stack authenticates. */
  readonly authenticate: (request: StreamRequest) => Promise<Authenticated>;
  /** Counts a frame of a subject by its rates. Throws ClientError `rate-limited`. */
  readonly count: (subject: string | undefined, weight: FrameWeight) => Promise<void>;
  /** Receives the cause of a frame that could not be carried out. */
  readonly onFailure: (error: unknown) => void;
  /** Time in ms for which an answer that ends with the first news waits for it. */
  readonly longPollMs: number;
  /** Time in ms after which an answer ends, to be continued by the next request. */
  readonly eventsMs: number;
}
