import { needsOf } from '../shared/auth/needs.ts';
import { ClientError } from '../shared/errors.ts';
import { publishFrame, subscribeFrame, unsubscribeFrame } from '../shared/protocol/client-frames.ts';
import { decodeFrame, isObject, parseFrame } from '../shared/protocol/decode-frame.ts';
import { ERROR_CODES } from '../shared/protocol/error-codes.ts';
import { fromTypedFrame } from '../shared/protocol/typed-frame.ts';
import { NO_WEIGHT, weightOf } from '../shared/rates/weights.ts';
import type { AckFields } from '../shared/protocol/answers.ts';
import { publishTo } from './publish-to.ts';
import { acknowledged, frameRoute } from './route.ts';
import { openSubscribeStores, openTopicWriter } from './open-stores.ts';
import { subscribeTo } from './subscribe-to.ts';
import type { Caller } from './web-socket-event.ts';

/** The answer to a plain text. A class, so that no JSON of a client can be mistaken for one. */
class PlainAnswer {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** The plain texts of the classic tutorials, each with its answer. */
const PLAIN_ANSWERS: ReadonlyMap<string, PlainAnswer> = new Map([
  ['ping', new PlainAnswer('pong')],
  ['Marko?', new PlainAnswer('Polo!')],
]);

const stores = openSubscribeStores();
const topics = await openTopicWriter();

type TypedFrame = ReturnType<typeof decodeTyped>;

/**
 * Handles `$default`, the route of every frame that no other route takes: frames that name their action by `type`, and
 * plain texts. Anything else gets `bad-json`, `bad-frame` or `unknown-action`.
 */
export const handler = frameRoute<PlainAnswer | TypedFrame>({
  name: 'default',
  parse: (text) => PLAIN_ANSWERS.get(text.trim()) ?? parseFrame(text),
  decode: (parsed) => (parsed instanceof PlainAnswer ? parsed : decodeTyped(parsed)),
  weigh: (frame) => (frame instanceof PlainAnswer ? NO_WEIGHT : weightOf(frame)),
  needs: (frame) => (frame instanceof PlainAnswer ? [] : needsOf(frame)),
  handle: async (frame, caller) => {
    if (frame instanceof PlainAnswer) return { answer: frame.text };
    const written = await write(frame, caller);
    return acknowledged(frame, written);
  },
});

function decodeTyped(parsed: unknown) {
  const frame = fromTypedFrame(parsed);
  switch (frame?.['action']) {
    case 'subscribe':
      return decodeFrame(subscribeFrame, frame);
    case 'unsubscribe':
      return decodeFrame(unsubscribeFrame, frame);
    case 'publish':
      return decodeFrame(publishFrame, frame);
    default:
      throw unroutableError(parsed);
  }
}

function unroutableError(parsed: unknown): ClientError {
  if (isObject(parsed) && typeof parsed['action'] === 'string') {
    return new ClientError('unknown-action', ERROR_CODES['unknown-action']);
  }
  return new ClientError('bad-frame', 'A frame is a JSON object with an `action`.', {
    details: [{ path: 'action', reason: 'required' }],
  });
}

async function write(frame: TypedFrame, caller: Caller): Promise<AckFields | undefined> {
  switch (frame.action) {
    case 'publish':
      return publishTo(topics, frame, caller);
    case 'subscribe':
      return subscribeTo(stores, frame, caller);
    case 'unsubscribe':
      await stores.subscriptions.unsubscribe(caller, frame.topic);
      return { topic: frame.topic };
  }
}
