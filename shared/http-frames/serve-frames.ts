import { answer, NOT_KEPT, refuse } from '../http-door/answers.ts';
import type { StreamAnswer, StreamRequest } from '../http-door/stream-request.ts';
import { answerFrame } from './answer-frame.ts';
import { checkAgain } from './check-again.ts';
import { FollowedTopics } from './followed-topics.ts';
import { follow } from './follow.ts';
import { FRAMES_BOUNDS } from './frames-bounds.ts';
import type { FramesDeps } from './frames-deps.ts';
import type { FramesSession } from './frames-session.ts';

/** The path to which clients post frames. */
export const FRAMES_PATH = '/v1/frames';

/**
 * Serves a request with frames of the socket, one a line. The answer is a stream of events, each a frame that the
 * socket would send. With a `subscribe` it goes on with what comes, for a while; `live=long-poll` ends it with the
 * first news.
 */
export async function serveFrames(deps: FramesDeps, request: StreamRequest): Promise<StreamAnswer> {
  if (request.method !== 'POST')
    return refuse(405, 'bad-method', { message: 'Frames are posted.', headers: { Allow: 'POST' } });
  const live = request.query.get('live');
  if (live !== null && live !== 'long-poll') return refuse(400, 'bad-request', '`live` is `long-poll`.');
  if (request.body.byteLength > FRAMES_BOUNDS.BODY_BYTES) return tooLarge(`${FRAMES_BOUNDS.BODY_BYTES} bytes`);
  const texts = linesOf(request.body);
  if (texts.length === 0) return refuse(400, 'bad-request', 'There is no frame.');
  if (texts.length > FRAMES_BOUNDS.FRAMES) return tooLarge(`${FRAMES_BOUNDS.FRAMES} frames`);
  const authenticated = await deps.authenticate(request);
  if ('refused' in authenticated) return unauthorized(authenticated.refused);
  const session = { request, ...authenticated, followed: new FollowedTopics(), isPoll: live !== null };
  return answer(200, { ...NOT_KEPT, 'Content-Type': 'text/event-stream' }, events(deps, session, texts));
}

const tooLarge = (what: string): StreamAnswer => refuse(413, 'too-large', `A body of frames has at most ${what}.`);

const unauthorized = (status: 401 | 403): StreamAnswer =>
  refuse(status, 'unauthorized', {
    message: 'The token is missing or not valid.',
    headers: { 'WWW-Authenticate': 'Bearer' },
  });

const linesOf = (body: Uint8Array): readonly string[] =>
  Buffer.from(body)
    .toString('utf8')
    .split('\n')
    .filter((line) => line.trim() !== '');

/** Returns the events of an answer: those of each frame in order, and then what comes. */
async function* events(
  deps: FramesDeps,
  session: FramesSession,
  texts: readonly string[],
): AsyncGenerator<string, void, undefined> {
  const untilMs = deps.now() + (session.isPoll ? deps.longPollMs : deps.eventsMs);
  let checked = { session, atMs: deps.now() };
  let hasNews = false;
  for (const text of texts) {
    if (deps.now() - checked.atMs > FRAMES_BOUNDS.CHECK_MS) {
      const again = await checkAgain(deps, checked.session);
      if ('refusal' in again) return yield eventOf(again.refusal);
      checked = { session: again, atMs: deps.now() };
    }
    for (const frame of await answerFrame(deps, checked.session, text)) {
      hasNews = true;
      yield eventOf(frame);
    }
  }
  if (session.followed.size === 0 || (session.isPoll && hasNews)) return;
  for await (const frame of follow(deps, session, untilMs)) yield frame === undefined ? ':\n\n' : eventOf(frame);
}

const eventOf = (frame: string): string => `data: ${frame}\n\n`;
