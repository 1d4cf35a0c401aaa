import type { StreamSlice } from '../store/stream-messages.ts';
import type { StreamState } from '../store/stream-state.ts';
import { answer } from './answers.ts';
import { joinPieces, isJson, isText } from './content.ts';
import { cursorOf } from './cursor.ts';
import type { DoorDeps } from './door-deps.ts';
import { offsetAt } from './offsets.ts';
import { sliceOf, type StreamRead } from './slice.ts';
import type { StreamAnswer } from './stream-request.ts';

/** Answers a GET with a stream of events, until the stream is closed or the answer is old enough. */
export async function events(deps: DoorDeps, wanted: StreamRead): Promise<StreamAnswer> {
  const first = await sliceOf(deps, wanted);
  if ('status' in first) return first;
  const { contentType } = wanted.state.settings;
  const encoding = isJson(contentType) || isText(contentType) ? {} : { 'Stream-SSE-Data-Encoding': 'base64' };
  return answer(
    200,
    { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-cache', ...encoding },
    eventTexts(deps, wanted, first),
  );
}

/** Returns the texts of the events: the messages from a position on, and then each as it comes. */
async function* eventTexts(deps: DoorDeps, from: StreamRead, first: StreamSlice): AsyncGenerator<string> {
  const untilMs = deps.now() + deps.eventsMs;
  let wanted = from;
  let slice = first;
  for (;;) {
    yield eventsOf(deps, wanted, slice);
    const isAtTail = slice.seq === wanted.state.seq;
    if ((isAtTail && wanted.state.isClosed) || deps.now() >= untilMs) return;
    const next = isAtTail ? await nextState(deps, wanted.state, untilMs) : wanted.state;
    if (next === undefined) return;
    // The token may have ended since, or what it permits may have been revoked: the next request says so.
    if ((await wanted.checkAgain()) !== undefined) return;
    wanted = { ...wanted, state: next, after: slice.seq, isStart: false };
    const following = await sliceOf(deps, wanted);
    if ('status' in following) return;
    slice = following;
  }
}

async function nextState(deps: DoorDeps, known: StreamState, untilMs: number): Promise<StreamState | undefined> {
  const news = await deps.waitForNews({ topic: known.topic, known, untilMs });
  return news === 'missing' || news === 'nothing' || news.isGone ? undefined : news;
}

function eventsOf(deps: DoorDeps, { state, cursor }: StreamRead, { messages, seq }: StreamSlice): string {
  const isAtTail = seq === state.seq;
  const control = {
    streamNextOffset: offsetAt(state, seq),
    ...(isAtTail && state.isClosed ? { streamClosed: true } : { streamCursor: cursorOf(deps, cursor) }),
    ...(isAtTail ? { upToDate: true } : {}),
  };
  const data = messages.length === 0 ? '' : eventOf('data', dataOf(messages, state.settings.contentType));
  return `${data}${eventOf('control', JSON.stringify(control))}`;
}

function dataOf(messages: readonly string[], contentType: string): string {
  if (isJson(contentType)) return `[${messages.join(',')}]`;
  const bytes = Buffer.from(joinPieces(messages));
  return isText(contentType) ? bytes.toString('utf8') : bytes.toString('base64');
}

/** Returns an event. Each line of its text gets a field, so that no text can end the event or begin another. */
const eventOf = (name: string, text: string): string =>
  `event: ${name}\n${text
    .split(/\r\n|\r|\n/)
    .map((line) => `data:${startOf(line)}${line}\n`)
    .join('')}\n`;

/** A reader takes one space behind the colon away: a line that begins with one gets another. */
const startOf = (line: string): string => (line.startsWith(' ') ? ' ' : '');
