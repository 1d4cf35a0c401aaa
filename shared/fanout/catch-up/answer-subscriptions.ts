import type { CatchUpRequest } from '../../store/catch-up-request.ts';
import type { Debt } from '../../store/owed.ts';
import type { ConnectionRef } from '../../store/connection-record.ts';
import type { TopicShard } from '../../store/subscribers.ts';
import { isPastGrace } from '../deliver/deliver-frames.ts';
import { type DueFrame, packFrames } from '../deliver/frame-packing.ts';
import type { DeliveryResult } from '../deliver/outcomes.ts';
import { type AnswerPositionsDeps, connectionOf, isSlow, isSlowOutcome, owe } from './answer-positions.ts';
import { HANDSHAKE_PAUSE_MS, type HandshakeWaits } from './handshake-waits.ts';
import { recoveryFrames, sendFrames } from './send-recovery.ts';

/** Number of times that a catch-up looks whether the topic index shows a new subscription. */
export const INDEX_ATTEMPTS = 20;
/** Pause in ms between two looks at the index. */
export const INDEX_PAUSE_MS = 25;
/** Number of frames up to which topics are answered one after another. Past it they are posted beside each other. */
export const TOGETHER_FRAMES = 32;

/** The dependencies of answering subscriptions. */
export interface AnswerSubscriptionsDeps extends AnswerPositionsDeps {
  readonly isIndexed: (place: TopicShard, connectionId: string) => Promise<boolean>;
  /** Returns whether the subscription's record exists, strongly consistent. */
  readonly isSubscribed: (connection: ConnectionRef, topic: string) => Promise<boolean>;
  readonly handshakes: HandshakeWaits;
}

/** A request for the catch-up of a subscription. */
export type SubscriptionRequest = Extract<CatchUpRequest, { kind: 'subscription' }>;

/** The end of answering subscriptions. `dropped`: none of them exists any more. */
export type Answered = DeliveryResult['outcome'] | 'dropped' | 'owed';

/**
 * Answers subscriptions of one connection, by as few posts as the connection takes. The index is read before the heads:
 * a message after such a head is then broadcast to a list that has this subscriber. Each message is therefore either in
 * this answer, or delivered live.
 */
export async function answerSubscriptions(
  deps: AnswerSubscriptionsDeps,
  connection: ConnectionRef,
  asked: readonly SubscriptionRequest[],
): Promise<Answered> {
  // The index does not matter to a debt: it stands until nothing is missing for seconds.
  if (isSlow(deps, connection)) return owe(deps, asked.map(debtOf));
  const answers = await answersNow(deps, await those(asked, (each) => untilIndexed(deps, each)));
  const frames = answers.reduce((count, answer) => count + answer.frames.length, 0);
  if (frames <= TOGETHER_FRAMES) return send(deps, connection, answers);
  const outcomes = await Promise.all(answers.map((answer) => send(deps, connection, [answer])));
  return outcomes.find((outcome) => outcome !== 'delivered') ?? 'delivered';
}

/** The frames that answer a subscription. */
interface SubscriptionAnswer {
  readonly request: SubscriptionRequest;
  readonly frames: readonly DueFrame[];
}

/** Makes the answers to subscriptions from the heads that their topics have now. */
const answersNow = (
  deps: AnswerSubscriptionsDeps,
  open: readonly SubscriptionRequest[],
): Promise<readonly SubscriptionAnswer[]> =>
  Promise.all(
    open.map(async (request) => {
      const { topic, position, history, batch = false } = request;
      const head = await deps.findHead(topic);
      const frames = await recoveryFrames(deps, { ...request, head }, { position, history });
      return { request, frames: frames.map((text) => ({ text, batch })) };
    }),
  );

const framesOf = (answers: readonly SubscriptionAnswer[]): readonly string[] =>
  packFrames(answers.flatMap(({ frames }) => frames));

/** Sends answers, one frame after another, and waits for the handshake of a young connection. */
async function send(
  deps: AnswerSubscriptionsDeps,
  connection: ConnectionRef,
  answers: readonly SubscriptionAnswer[],
): Promise<Answered> {
  let open = answers.map(({ request }) => request);
  let left = framesOf(answers);
  let sent = 0;
  while (open.length > 0) {
    const { outcome, frames } = await sendFrames(deps, connection, left);
    if (isSlowOutcome(outcome)) return owe(deps, open.map(debtOf));
    // A connection answers 410 until its handshake is done. A young one is waited for while a record of it exists.
    const isYoung = outcome === 'gone' && !isPastGrace(connection.connectedAt, deps.now());
    if (!isYoung || !deps.handshakes.take(connection.connectionId)) return outcome;
    await deps.waiting.sleep(HANDSHAKE_PAUSE_MS);
    open = await those(open, ({ topic }) => deps.isSubscribed(connection, topic));
    // Messages that were broadcast meanwhile met the same 410: the answer must include them.
    sent += frames;
    left = sent === 0 ? framesOf(await answersNow(deps, open)) : left.slice(frames);
  }
  return 'dropped';
}

const debtOf = ({ topic, position, history, ...request }: SubscriptionRequest): Debt => ({
  connection: connectionOf(request),
  topic,
  position,
  history,
  isAsked: true,
});

/**
 * Waits until the index shows the subscription; resolves to false when its record is gone. Past the bound the catch-up
 * goes on: the next frame would show a gap.
 */
export async function untilIndexed(
  deps: Pick<AnswerSubscriptionsDeps, 'isIndexed' | 'isSubscribed' | 'waiting'>,
  request: SubscriptionRequest,
): Promise<boolean> {
  for (let attempt = 1; attempt <= INDEX_ATTEMPTS; attempt++) {
    if (await deps.isIndexed({ topic: request.topic, shard: request.shard ?? 0 }, request.connectionId)) return true;
    if (!(await deps.isSubscribed(request, request.topic))) return false;
    await deps.waiting.sleep(INDEX_PAUSE_MS);
  }
  return true;
}

/** Returns the subscriptions that meet a condition, all looked at together. */
async function those(
  asked: readonly SubscriptionRequest[],
  condition: (each: SubscriptionRequest) => Promise<boolean>,
): Promise<SubscriptionRequest[]> {
  const met = await Promise.all(asked.map(condition));
  return asked.filter((_, index) => met[index]);
}
