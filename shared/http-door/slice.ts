import { ClientError } from '../errors.ts';
import type { StreamSlice } from '../store/stream-messages.ts';
import type { StreamState } from '../store/stream-state.ts';
import { refuse } from './answers.ts';
import type { DoorDeps } from './door-deps.ts';
import { HTTP_BOUNDS } from './http-bounds.ts';
import type { StreamAnswer } from './stream-request.ts';

/** A read of a stream that exists, from a position in it. */
export interface StreamRead {
  readonly state: StreamState;
  /** The seq behind which the reader has nothing yet. */
  readonly after: number;
  /** Whether the reader asked for the start: it gets the first message that is kept. */
  readonly isStart: boolean;
  readonly isNow: boolean;
  readonly cursor: string | null;
  readonly isPrivate: boolean;
  /** Checks the reader's token once more, after a wait. Resolves to the refusal, if it permits no more. */
  readonly checkAgain: () => Promise<StreamAnswer | undefined>;
}

/** The reason for which a reader cannot go on from an offset. */
export const NOT_READABLE = 'The messages behind this offset are no longer kept.';

/** Reads the next messages of a stream. Throws `unavailable` where none of them is archived yet. */
export async function sliceOf(
  deps: DoorDeps,
  { state, after, isStart }: StreamRead,
): Promise<StreamSlice | StreamAnswer> {
  if (after === state.seq) return { messages: [], seq: after, isLate: false };
  const newest = deps.settingsOf(state.topic).lastValueOnly === true ? state.newest.at(-1) : undefined;
  if (newest !== undefined) return { messages: [newest.message], seq: state.seq, isLate: false };
  const slice = await deps.readSlice(state, { after, bytes: HTTP_BOUNDS.ANSWER_BYTES });
  if (slice.missing !== undefined && !isStart) return refuse(410, 'gone', NOT_READABLE);
  if (slice.messages.length === 0)
    throw new ClientError('unavailable', 'The messages are not readable yet. Try again.');
  return slice;
}
