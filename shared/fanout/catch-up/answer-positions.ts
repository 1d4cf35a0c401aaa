import type { Position } from '../../protocol/position.ts';
import { isWildcard } from '../../protocol/wildcard.ts';
import { runBounded } from '../../run-bounded.ts';
import type { Head } from '../../store/head.ts';
import type { Debt } from '../../store/owed.ts';
import type { ConnectionRef } from '../../store/connection-record.ts';
import type { DeliveryResult } from '../deliver/outcomes.ts';
import { recoveryFrames, sendFrames, type SendRecoveryDeps } from './send-recovery.ts';

/** Number of topics of one request that are compared at once. */
const POSITION_CONCURRENCY = 8;

/** The dependencies of answering positions. */
export interface AnswerPositionsDeps extends SendRecoveryDeps {
  /** Records an answer that is sent later. */
  readonly noteDebt: (debt: Debt) => Promise<void>;
}

/** A position of a client in a topic, and the subscription by which it gets the topic: to itself, or to a wildcard. */
export interface KnownPosition {
  readonly topic: string;
  readonly position: Position;
  readonly subscription: string;
}

/**
 * Sends what a client lacks of each topic whose head is elsewhere than the client; one topic after another, to hold one
 * topic's messages at most.
 */
export async function answerPositions(
  deps: AnswerPositionsDeps,
  requester: ConnectionRef,
  known: readonly KnownPosition[],
): Promise<DeliveryResult['outcome'] | 'owed'> {
  const behind = await findBehind(deps, known);
  const debts = behind.map((each) => debtOf(requester, each));
  if (isSlow(deps, requester)) return owe(deps, debts);
  for (const [index, { topic, position, head }] of behind.entries()) {
    const { connectionId } = requester;
    const { wildcard } = debts[index] ?? {};
    const frames = await recoveryFrames(deps, { topic, connectionId, wildcard, head }, { position });
    const { outcome } = await sendFrames(deps, requester, frames);
    if (isSlowOutcome(outcome)) return owe(deps, debts.slice(index));
    if (outcome !== 'delivered') return outcome;
  }
  return 'delivered';
}

/** Returns the positions that are elsewhere than the heads of their topics, with these heads. */
export async function findBehind(
  deps: Pick<AnswerPositionsDeps, 'findHead'>,
  known: readonly KnownPosition[],
): Promise<readonly (KnownPosition & { readonly head: Head | undefined })[]> {
  // A wildcard has no head. A ping names it to learn whether the subscription to it still exists.
  const positions = known.filter(({ topic }) => !isWildcard(topic));
  const heads = await runBounded(positions, POSITION_CONCURRENCY, ({ topic }) => deps.findHead(topic));
  const asked = positions.map((each, index) => ({ ...each, head: heads[index] }));
  return asked.filter(({ position, head }) => !isAt(head, position));
}

/** Returns the debt of what a client lacks after a position. */
export function debtOf(requester: ConnectionRef, { topic, position, subscription }: KnownPosition): Debt {
  const debt = { connection: connectionOf(requester), topic, position };
  return subscription === topic ? debt : { ...debt, wildcard: subscription };
}

const isAt = (head: Head | undefined, { epoch, seq }: Position): boolean =>
  (head?.epoch ?? null) === epoch && (head?.seq ?? 0) === seq;

/**
 * Whether the connection takes no frames at present, since its buffer is full or it has been silent for long: its
 * answer is then not even prepared. A connection that was silent only once is tried, since it has just sent a frame.
 */
export const isSlow = ({ lateness }: AnswerPositionsDeps, { connectionId }: ConnectionRef): boolean =>
  lateness.takesNothing(connectionId);

/** Whether an outcome means that the connection takes no frames at present. */
export const isSlowOutcome = (outcome: DeliveryResult['outcome']): boolean =>
  outcome === 'throttled' || outcome === 'unanswered';

/** Records answers that are sent later. */
export async function owe(deps: Pick<AnswerPositionsDeps, 'noteDebt'>, debts: readonly Debt[]): Promise<'owed'> {
  await runBounded(debts, POSITION_CONCURRENCY, deps.noteDebt);
  return 'owed';
}

/** Returns the identity of a connection, without the request that it made. */
export const connectionOf = ({ connectionId, connectedAt }: ConnectionRef): ConnectionRef => ({
  connectionId,
  connectedAt,
});
