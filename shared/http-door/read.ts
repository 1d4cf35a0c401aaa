import { isOver, type StreamState } from '../store/stream-state.ts';
import type { StreamSlice } from '../store/stream-messages.ts';
import { answer, gone, missing, NOT_KEPT, refuse } from './answers.ts';
import { bodyOfMessages } from './content.ts';
import { cursorOf } from './cursor.ts';
import type { AdmittedRequest, DoorDeps } from './door-deps.ts';
import { events } from './events.ts';
import { type Asked, offsetAt, readOffset } from './offsets.ts';
import { NOT_READABLE, sliceOf, type StreamRead } from './slice.ts';
import type { StreamAnswer, StreamRequest } from './stream-request.ts';

/** Answers a GET: what is there, the next messages as soon as they come, or all of them as events. */
export async function read(deps: DoorDeps, admitted: AdmittedRequest): Promise<StreamAnswer> {
  const { request, topic, isPrivate, checkAgain } = admitted;
  const { query } = request;
  const live = query.get('live');
  const asked = askedOffset(query, live !== null);
  if ('status' in asked) return asked;
  if (live !== null && live !== 'long-poll' && live !== 'sse') return bad('`live` is `long-poll` or `sse`.');
  const state = await deps.streams.find(topic);
  if (state === undefined || isOver(state, deps.now())) return missing();
  if (state.isGone) return gone();
  await deps.streams.touch(state);
  const place = placeIn(deps, state, asked);
  if ('status' in place) return place;
  const wanted: StreamRead = { state, ...place, cursor: query.get('cursor'), isPrivate, checkAgain };
  if (live === 'sse') return events(deps, wanted);
  return live === 'long-poll' ? longPoll(deps, wanted) : catchUp(deps, wanted, request);
}

const bad = (message: string): StreamAnswer => refuse(400, 'bad-request', message);

/** Reads the offset of a query: one, or none where it may be left out. */
function askedOffset(query: URLSearchParams, isRequired: boolean): Asked | StreamAnswer {
  const [offset, second] = query.getAll('offset');
  if (second !== undefined) return bad('A read has one offset.');
  if (offset === undefined) return isRequired ? bad('A live read has an offset.') : { at: 'start' };
  return readOffset(offset) ?? bad('This is not an offset.');
}

type Place = Pick<StreamRead, 'after' | 'isStart' | 'isNow'>;

function placeIn({ settingsOf }: DoorDeps, state: StreamState, asked: Asked): Place | StreamAnswer {
  const { history = state.seq } = settingsOf(state.topic);
  const first = Math.max(0, state.seq - history);
  if (asked.at === 'start') return { after: first, isStart: true, isNow: false };
  if (asked.at === 'now') return { after: state.seq, isStart: false, isNow: true };
  if (asked.epoch !== state.epoch) return refuse(410, 'gone', 'The offset is of an earlier stream.');
  if (asked.seq > state.seq) return bad('The offset is behind the end of the stream.');
  if (asked.seq < first) return refuse(410, 'gone', NOT_READABLE);
  return { after: asked.seq, isStart: asked.seq === 0, isNow: false };
}

async function catchUp(deps: DoorDeps, wanted: StreamRead, request: StreamRequest): Promise<StreamAnswer> {
  const slice = await sliceOf(deps, wanted);
  if ('status' in slice) return slice;
  const { headers, body } = sliceAnswer(wanted, slice);
  if (wanted.isNow) return answer(200, { ...headers, ...NOT_KEPT }, body);
  const etag = etagOf(wanted, slice);
  const kept = { ETag: etag, ...cacheOf(wanted, slice) };
  if (request.headers['if-none-match'] === etag) return answer(304, { ...headers, ...kept });
  return answer(200, { ...headers, ...kept }, body);
}

/** Answers a long poll: with the messages that are there, or the next ones, or that there were none. */
async function longPoll(deps: DoorDeps, wanted: StreamRead): Promise<StreamAnswer> {
  const { state, after, cursor } = wanted;
  const news = after < state.seq || state.isClosed ? state : await nextState(deps, state);
  if (news === 'missing') return missing();
  // The token may have ended while the reader waited, or what it permits may have been revoked.
  const refusal = news === state ? undefined : await wanted.checkAgain();
  if (refusal !== undefined) return refusal;
  const now = { ...wanted, state: news === 'nothing' ? state : news };
  if (now.state.isGone) return gone();
  const slice = await sliceOf(deps, now);
  if ('status' in slice) return slice;
  const { headers, body } = sliceAnswer(now, slice);
  const live = { ...headers, 'Stream-Cursor': cursorOf(deps, cursor) };
  if (slice.messages.length === 0) return answer(204, { ...live, ...NOT_KEPT });
  return answer(200, { ...live, ETag: etagOf(now, slice), ...longCache(wanted) }, body);
}

const nextState = (deps: DoorDeps, known: StreamState) =>
  deps.waitForNews({ topic: known.topic, known, untilMs: deps.now() + deps.longPollMs });

function sliceAnswer({ state }: StreamRead, { messages, seq }: StreamSlice) {
  const { contentType } = state.settings;
  const isAtTail = seq === state.seq;
  return {
    headers: {
      'Content-Type': contentType,
      'Stream-Next-Offset': offsetAt(state, seq),
      ...(isAtTail ? { 'Stream-Up-To-Date': 'true' } : {}),
      ...(isAtTail && state.isClosed ? { 'Stream-Closed': 'true' } : {}),
    },
    body: bodyOfMessages(messages, contentType),
  };
}

/** Returns the tag of a slice. The end of a stream changes it, so that nobody misses that. */
function etagOf({ state, after }: StreamRead, { seq }: StreamSlice): string {
  const end = seq === state.seq && state.isClosed ? ':c' : '';
  return `"${state.life ?? ''}${state.epoch ?? ''}:${after}:${seq}${end}"`;
}

/** Returns how long a slice may be kept: one that the stream can still go on from is asked for again each time. */
const cacheOf = (wanted: StreamRead, { seq }: StreamSlice) =>
  seq < wanted.state.seq || wanted.state.isClosed
    ? longCache(wanted)
    : { 'Cache-Control': `${scope(wanted)}, no-cache` };

const longCache = (wanted: StreamRead) => ({
  'Cache-Control': `${scope(wanted)}, max-age=60, stale-while-revalidate=300`,
});

const scope = ({ isPrivate }: StreamRead): string => (isPrivate ? 'private' : 'public');
