import { ERROR_CODES } from '../../protocol/error-codes.ts';
import { isWildcard, subscriptionTo } from '../../protocol/wildcard.ts';
import { STORE_BOUNDS } from '../../store/bounds.ts';
import type { ErrorFrame } from '../../protocol/server-frames.ts';
import type { CatchUpRequest } from '../../store/catch-up-request.ts';
import type { EndCode } from '../../store/schema.ts';
import type { ConnectionRef } from '../../store/connection-record.ts';
import { isPastGrace } from '../deliver/deliver-frames.ts';
import { hasEnded } from '../deliver/token-end.ts';
import type { DeliveryResult } from '../deliver/outcomes.ts';
import { answerHistory } from './answer-history.ts';
import { answerPositions, connectionOf, isSlow, isSlowOutcome, owe } from './answer-positions.ts';
import {
  answerSubscriptions,
  type AnswerSubscriptionsDeps,
  type SubscriptionRequest,
  untilIndexed,
} from './answer-subscriptions.ts';
import { checkListedAgain, type CheckListedAgainDeps } from './check-listed-again.ts';
import { endConnection, type EndConnectionDeps } from './end-connection.ts';
import { sendFrames } from './send-recovery.ts';
import { tellRefused } from './tell-refused.ts';

/** The dependencies of a catch-up. */
export interface CatchUpDeps
  extends AnswerSubscriptionsDeps,
    CheckListedAgainDeps,
    Pick<EndConnectionDeps, 'close' | 'removeSubscriptions'> {
  /** Reads the topics and wildcards that a connection is subscribed to. */
  readonly getTopics: (connection: ConnectionRef) => Promise<ReadonlySet<string>>;
  readonly removeConnection: (connectionId: string) => Promise<unknown>;
}

/**
 * The end of a catch-up. `dropped`: the subscription does not exist any more, or the connection did not take older
 * messages that it had asked for. `owed`: the connection does not take
 * frames at present; the answer is recorded as a debt and sent later, so that no record and no lane waits for it.
 * `ended`: the connection was closed, since its token has ended or it floods. `kept` and `revoked`: a connection that
 * has a list again may stay, or is ended by a sweep.
 */
export type CatchUpOutcome = DeliveryResult['outcome'] | 'dropped' | 'owed' | 'ended' | 'kept' | 'revoked';

type Ping = Extract<CatchUpRequest, { kind: 'ping' }>;

/** Sends a subscriber the answer to its request. Rejects when the stores cannot be read. */
export const catchUp = async (deps: CatchUpDeps, request: CatchUpRequest): Promise<CatchUpOutcome> =>
  finish(deps, request, await answer(deps, request));

/** Sends a connection the answers to several subscriptions together. Rejects when the stores cannot be read. */
export async function catchUpTogether(
  deps: CatchUpDeps,
  requests: readonly [SubscriptionRequest, ...SubscriptionRequest[]],
): Promise<CatchUpOutcome> {
  const [connection] = requests;
  const isEnded = requests.some((each) => hasEnded(each, deps.now()));
  const outcome = await (isEnded ? end(deps, connection) : answerSubscriptions(deps, connection, requests));
  return finish(deps, connection, outcome);
}

/** Removes the records of a connection that turned out to be gone. */
async function finish(deps: CatchUpDeps, connection: ConnectionRef, outcome: CatchUpOutcome): Promise<CatchUpOutcome> {
  if (outcome === 'gone' && isPastGrace(connection.connectedAt, deps.now())) {
    await deps.removeConnection(connection.connectionId);
  }
  return outcome;
}

async function answer(deps: CatchUpDeps, request: CatchUpRequest): Promise<CatchUpOutcome> {
  if (hasEnded(request, deps.now())) return end(deps, request);
  switch (request.kind) {
    case 'subscription':
      return isWildcard(request.topic) ? answerWildcard(deps, request) : answerSubscriptions(deps, request, [request]);
    case 'ping':
      return answerPing(deps, request);
    case 'history':
      return isSlow(deps, request) ? 'dropped' : answerHistory(deps, request);
    case 'refused':
      return tellRefused(deps, request);
    case 'listed-again':
      return checkListedAgain(deps, request);
    case 'end':
      return end(deps, request, request.code);
  }
}

async function end(
  deps: CatchUpDeps,
  connection: ConnectionRef,
  code: EndCode = 'token-expired',
): Promise<CatchUpOutcome> {
  await endConnection(deps, connection, END_REASONS[code]);
  return 'ended';
}

/** The `error` frame of a connection that is ended, by the reason. */
const END_REASONS: Readonly<Record<EndCode, Omit<ErrorFrame, 'type'>>> = {
  'token-expired': { code: 'token-expired', message: ERROR_CODES['token-expired'] },
  'rate-limited': {
    code: 'rate-limited',
    message: 'This connection went on sending although its frames were refused. It is closed.',
    closing: true,
    retryAfterMs: STORE_BOUNDS.FLOOD_MS,
  },
};

/**
 * Answers a subscription to a wildcard: first for each topic in which the client says that it is, then for the
 * wildcard, whose frame has no position. As for a topic, the index is read before the heads. An answer that has to
 * wait, until every broadcast has seen the wildcard's root, is owed: no lane waits for it.
 */
async function answerWildcard(deps: CatchUpDeps, request: SubscriptionRequest): Promise<CatchUpOutcome> {
  const { topic: subscription, positions = {}, isUnsettled } = request;
  if (!(await untilIndexed(deps, request))) return 'dropped';
  // The debt brings the positions too: its payment reads them in the record.
  const asked = { connection: connectionOf(request), topic: subscription, isAsked: true };
  if (isUnsettled === true) {
    return owe(deps, [{ ...asked, notBeforeMs: deps.now() + STORE_BOUNDS.WILDCARD_SETTLING_MS }]);
  }
  if (isSlow(deps, request)) return owe(deps, [asked]);
  const known = Object.entries(positions).map(([topic, position]) => ({ topic, position, subscription }));
  const outcome = await answerPositions(deps, request, known);
  if (outcome === 'owed') return owe(deps, [asked]);
  return outcome === 'delivered' ? answerSubscriptions(deps, request, [request]) : outcome;
}

/** Answers a ping for each topic whose head is elsewhere than the client. */
async function answerPing(deps: CatchUpDeps, ping: Ping): Promise<CatchUpOutcome> {
  const subscriptions = await deps.getTopics(ping);
  const known = Object.entries(ping.positions).flatMap(([topic, position]) => {
    const subscription = subscriptionTo(topic, subscriptions);
    return subscription === undefined ? [] : [{ topic, position, subscription }];
  });
  if (known.length < Object.keys(ping.positions).length) {
    const { outcome } = await sendFrames(deps, ping, [NOT_SUBSCRIBED]);
    // The client learns of it with its next ping; what it is behind in is owed.
    if (outcome !== 'delivered' && !isSlowOutcome(outcome)) return outcome;
  }
  return answerPositions(deps, ping, known);
}

/**
 * The answer to a ping that names a topic without a subscription. The records of such a connection were deleted after a
 * false 410, so this is the only way to make the client subscribe again.
 */
const NOT_SUBSCRIBED = JSON.stringify({
  type: 'error',
  code: 'not-subscribed',
  message: 'The connection is not subscribed to a topic that its ping named. Subscribe again.',
  action: 'ping',
} satisfies ErrorFrame);
