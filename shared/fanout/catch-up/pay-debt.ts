import type { OwedCatchUp } from '../../store/owed.ts';
import { isPastGrace } from '../deliver/deliver-frames.ts';
import { isOwed } from '../deliver/missed-frames.ts';
import { recoveryFrames, sendFrames, type SendRecoveryDeps } from './send-recovery.ts';

/**
 * Number of tries to pay a debt, one in each batching window of a second or more. After them the client has to see its
 * gap by itself, with the next frame or a ping.
 * @limit operator
 */
export const DEBT_ATTEMPTS = 60;

/** The dependencies of paying a debt. */
export interface PayDebtDeps extends SendRecoveryDeps {
  /** Counts a try; the debt then comes again. */
  readonly countAttempt: (owed: OwedCatchUp) => Promise<void>;
  readonly settle: (owed: OwedCatchUp) => Promise<void>;
  readonly removeConnection: (connectionId: string) => Promise<unknown>;
}

/** The end of a try. `again`: the connection still does not answer. */
export type Payment = 'paid' | 'again' | 'gone' | 'given-up';

/**
 * Tries to send a connection the catch-up that it is owed: the messages after its last one, as an answer to a
 * subscribe. The tries become rarer: a debt comes again in each window, and every other, fourth, eighth … time it is
 * tried. Rejects when the stores cannot be read or written.
 */
export async function payDebt(deps: PayDebtDeps, owed: OwedCatchUp): Promise<Payment> {
  const { connection, topic, position, history, attempts } = owed;
  const isLast = attempts + 1 >= DEBT_ATTEMPTS;
  if (!isLast && !isPowerOfTwo(attempts)) {
    await deps.countAttempt(owed);
    return 'again';
  }
  const target = { topic, connectionId: connection.connectionId, head: await deps.findHead(topic) };
  const result = await sendFrames(deps, connection, await recoveryFrames(deps, target, { position, history }));
  if (isOwed(result) && !isLast) {
    await deps.countAttempt(owed);
    return 'again';
  }
  if (result.outcome === 'gone') {
    if (isPastGrace(connection.connectedAt, deps.now())) await deps.removeConnection(connection.connectionId);
    return 'gone';
  }
  await deps.settle(owed);
  return isOwed(result) ? 'given-up' : 'paid';
}

/** Whether a whole number is 0, 1, 2, 4, 8, … */
const isPowerOfTwo = (number: number): boolean => (number & (number - 1)) === 0;
