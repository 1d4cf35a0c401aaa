import { needsOf } from '../auth/needs.ts';
import { checkNeeds } from '../auth/permissions.ts';
import { ClientError } from '../errors.ts';
import { readOlder } from '../fanout/catch-up/older-messages.ts';
import { recover, type Recovery } from '../fanout/catch-up/recover.ts';
import { encodeHistory, encodeRecovery } from '../fanout/catch-up/recovery-frames.ts';
import { ackOf, errorOf } from '../protocol/answers.ts';
import { CLIENT_FRAMES, type ClientFrame, type SubscribeFrame } from '../protocol/client-frames.ts';
import { checkFrameSize, decodeFrame, isObject, parsedIn, parseFrame } from '../protocol/decode-frame.ts';
import { ERROR_CODES } from '../protocol/error-codes.ts';
import { isWildcard } from '../protocol/wildcard.ts';
import { weightOf } from '../rates/weights.ts';
import type { Head } from '../store/head.ts';
import type { FramesDeps } from './frames-deps.ts';
import type { FramesSession } from './frames-session.ts';

/** The connection of an answer by HTTP, of which no message was held back: it has none. */
const NO_CONNECTION = '';

/** Carries out one frame, and returns the frames that answer it. Never throws. */
export async function answerFrame(deps: FramesDeps, session: FramesSession, text: string): Promise<readonly string[]> {
  const { principal } = session;
  let parsed: unknown;
  try {
    // Counted before it is parsed: an invalid one counts too.
    await deps.count(principal?.subject, { frames: 1, publishes: 0 });
    checkFrameSize(text);
    parsed = parseFrame(text);
    const frame = decode(parsed);
    if (principal !== undefined) checkNeeds(principal, needsOf(frame), deps.now());
    await deps.count(principal?.subject, weightOf(frame));
    return await carryOut(deps, session, frame);
  } catch (error) {
    const refused = parsed ?? parsedIn(text);
    return [errorOf(clientErrorOf(deps, error), refused, topicsOf(refused))];
  }
}

/** Decodes a frame by the schema of its action. Throws ClientError. */
function decode(parsed: unknown): ClientFrame {
  const action = isObject(parsed) ? parsed['action'] : undefined;
  if (typeof action !== 'string') {
    const details = [{ path: 'action', reason: 'required' }];
    throw new ClientError('bad-frame', 'A frame is a JSON object with an `action`.', { details });
  }
  if (!isAction(action)) throw new ClientError('unknown-action', ERROR_CODES['unknown-action']);
  return decodeFrame(CLIENT_FRAMES[action], parsed);
}

const isAction = (text: string): text is keyof typeof CLIENT_FRAMES => Object.hasOwn(CLIENT_FRAMES, text);

/** Carries out a frame. Throws ClientError. */
async function carryOut(deps: FramesDeps, session: FramesSession, frame: ClientFrame): Promise<readonly string[]> {
  switch (frame.action) {
    case 'publish':
    case 'onMessage':
    case 'plus':
    case 'minus':
      return acknowledge(frame, await deps.write(frame, session.principal?.subject));
    case 'subscribe':
      return subscribe(deps, session, frame);
    case 'unsubscribe':
      session.followed.delete(frame.topic);
      return acknowledge(frame, { topic: frame.topic });
    case 'ping':
      return [JSON.stringify({ type: 'pong', id: frame.id })];
    case 'setPresence':
      throw needsSocket('A state in the presence');
  }
}

const acknowledge = (frame: ClientFrame, fields: Parameters<typeof ackOf>[1]): readonly string[] => {
  const ack = ackOf(frame, fields);
  return ack === undefined ? [] : [ack];
};

const needsSocket = (what: string): ClientError =>
  new ClientError('unknown-action', `${what} needs a WebSocket: HTTP does not have it.`);

async function subscribe(
  deps: FramesDeps,
  { followed }: FramesSession,
  frame: SubscribeFrame,
): Promise<readonly string[]> {
  const { topic, before, history: count = 0 } = frame;
  if (isWildcard(topic)) throw needsSocket('A wildcard');
  if (frame.presence === true) throw needsSocket('Presence');
  followed.checkRoom(topic);
  const head = await deps.findHead(topic);
  if (before !== undefined) {
    const older = await readOlder(deps, head, { topic, before, count });
    if (older === undefined) throw new ClientError('unavailable', ERROR_CODES.unavailable);
    return encodeHistory(older, { topic, connectionId: NO_CONNECTION, id: frame.id });
  }
  const recovery = endIn(await recover(deps, head, frame), head);
  followed.set(topic, { epoch: recovery.epoch, seq: recovery.seq, isClosed: recovery.closed === true });
  const acked = acknowledge(frame, { topic });
  if (isContinued(frame, recovery)) return acked;
  return [...acked, ...encodeRecovery(recovery, { topic, connectionId: NO_CONNECTION })];
}

/** Returns a recovery that says `closed` only at the topic's end: what is on its way comes with the end after it. */
const endIn = (recovery: Recovery, head: Head | undefined): Recovery =>
  recovery.seq === head?.seq ? recovery : { ...recovery, closed: undefined };

/**
 * Whether a request goes on where the one before it ended: then nothing is answered. A client that comes back sends
 * `batch`, and is answered; so is one that is to learn that the topic is closed.
 */
const isContinued = ({ id, position, batch }: SubscribeFrame, { epoch, seq, recovered, closed }: Recovery): boolean =>
  id === undefined &&
  batch === undefined &&
  closed === undefined &&
  recovered &&
  position?.epoch === epoch &&
  position.seq === seq;

/** The topic of a `subscribe`: an error without an `id` names it. */
const topicsOf = (parsed: unknown): readonly string[] =>
  isObject(parsed) && parsed['action'] === 'subscribe' && typeof parsed['topic'] === 'string' ? [parsed['topic']] : [];

function clientErrorOf({ onFailure }: FramesDeps, error: unknown): ClientError {
  if (error instanceof ClientError) return error;
  onFailure(error);
  return new ClientError('unavailable', ERROR_CODES.unavailable, { cause: error });
}
