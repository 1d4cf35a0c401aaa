import type { Position } from '../../protocol/position.ts';
import { isWildcard } from '../../protocol/wildcard.ts';
import type { Head } from '../../store/head.ts';
import type { Debt, DebtProgress, OwedCatchUp } from '../../store/owed.ts';
import type { ConnectionRef } from '../../store/connection-record.ts';
import type { Positions } from '../../store/subscription-record.ts';
import { isPastGrace } from '../deliver/deliver-frames.ts';
import { isOwed, NOTED_MS } from '../deliver/missed-frames.ts';
import type { DeliveryResult } from '../deliver/outcomes.ts';
import { debtOf, findBehind, owe } from './answer-positions.ts';
import { recoveryFrames, sendFrames, type SendRecoveryDeps } from './send-recovery.ts';

/**
 * Time in ms for which a debt is tried after the last frame that its connection took. After it the client has to see
 * its gap by itself, with the next frame or a ping.
 * @limit operator
 */
export const DEBT_MS = 60_000;
/** Deadline in ms of a post that pays a debt: many connections that owe an answer are tried in one batch. */
const DEBT_TIMEOUT_MS = 200;
/** Time in ms for the frames of one debt in one turn; the next turn goes on behind them. */
export const TURN_MS = 500;
/** Upper bound in ms of the pause after a failed try. */
const PAUSE_CAP_MS = 16_000;
/** Upper bound in ms of the pause after a failed try if the debt was noted again since: the client may be back. */
export const NOTED_PAUSE_MS = 4_000;
/**
 * Time in ms after the last note before a paid debt is deleted. A warm Lambda notes a debt once in NOTED_MS, so a frame
 * may have been missed since then without a note.
 */
export const SETTLE_MS = NOTED_MS + 1_000;

/** The dependencies of paying a debt. */
export interface PayDebtDeps extends SendRecoveryDeps {
  readonly claim: (owed: OwedCatchUp) => Promise<OwedCatchUp | undefined>;
  readonly isVoid: (owed: OwedCatchUp) => Promise<boolean>;
  readonly advance: (owed: OwedCatchUp, progress: DebtProgress) => Promise<void>;
  readonly settle: (owed: OwedCatchUp) => Promise<void>;
  readonly removeConnection: (connectionId: string) => Promise<unknown>;
  readonly noteDebt: (debt: Debt) => Promise<void>;
  /** Reads the positions that the subscription to a wildcard named. */
  readonly findWildcardPositions: (connection: ConnectionRef, wildcard: string) => Promise<Positions>;
}

/**
 * The end of one turn of a debt.
 * - `waiting`: it is too early for a try. The debt comes again.
 * - `untaken`: the connection does not take frames. The debt comes again.
 * - `paid`: frames were sent. The debt comes again, to see whether more was missed meanwhile.
 * - `settled`: nothing is missing any more. `void`: the subscription has ended, or was answered otherwise.
 * - `stale`: a newer record stands for the debt. `given-up`: it was tried for DEBT_MS.
 */
export type Payment = 'waiting' | 'untaken' | 'paid' | 'settled' | 'void' | 'stale' | 'gone' | 'given-up';

/**
 * Takes one turn of a claimed debt: when it is time, tries to send the connection the messages after its position, as
 * the answer to a subscribe. The claim brings the debt again in the next batch of the stream. Rejects when the stores
 * cannot be read or written; the debt comes again all the same.
 */
export async function payDebt(deps: PayDebtDeps, owed: OwedCatchUp): Promise<Payment> {
  if (isTooEarly(owed, deps.now())) return 'waiting';
  if (await deps.isVoid(owed)) return endDebt(deps, owed, 'void');
  const head = await deps.findHead(owed.topic);
  if (!isBehind(owed, head)) {
    return deps.now() - owed.notedAtMs < SETTLE_MS ? 'waiting' : endDebt(deps, owed, 'settled');
  }
  return tryToPay(deps, owed, head);
}

/** Whether the pause after a failed try is not over, or the debt must not be paid yet. */
export function isTooEarly({ tryAtMs, triedAtMs, notedAtMs, notBeforeMs = 0 }: OwedCatchUp, nowMs: number): boolean {
  if (nowMs < notBeforeMs) return true;
  const isNoted = triedAtMs !== undefined && notedAtMs > triedAtMs;
  return nowMs < (isNoted ? Math.min(tryAtMs, triedAtMs + NOTED_PAUSE_MS) : tryAtMs);
}

/** Whether a debt has been tried for as long as it may be. */
export const isExpired = ({ sinceMs }: OwedCatchUp, nowMs: number): boolean => nowMs - sinceMs >= DEBT_MS;

/** Deletes a debt and returns how it ended. */
export async function endDebt(deps: PayDebtDeps, owed: OwedCatchUp, payment: Payment): Promise<Payment> {
  await deps.settle(owed);
  return payment;
}

/** Records a debt for each topic in which a client is behind that it named in its subscription to a wildcard. */
async function noteNamed(deps: PayDebtDeps, { connection, topic: subscription }: OwedCatchUp): Promise<void> {
  const positions = Object.entries(await deps.findWildcardPositions(connection, subscription));
  const known = positions.map(([topic, position]) => ({ topic, position, subscription }));
  const behind = await findBehind(deps, known);
  await owe(
    deps,
    behind.map((each) => debtOf(connection, each)),
  );
}

async function tryToPay(deps: PayDebtDeps, owed: OwedCatchUp, head: Head | undefined): Promise<Payment> {
  if (owed.isAsked === true && isWildcard(owed.topic)) await noteNamed(deps, owed);
  const { connection, topic, position, history, wildcard } = owed;
  const target = { topic, connectionId: connection.connectionId, wildcard, head };
  const frames = await recoveryFrames(deps, target, { position, history });
  const result = await sendInTime(deps, owed, frames);
  if (result.outcome === 'gone' && isPastGrace(connection.connectedAt, deps.now())) {
    await deps.removeConnection(connection.connectionId);
    return 'gone';
  }
  const progress = progressOf(deps, frames, result);
  if (!isOwed(result) && result.outcome !== 'gone') {
    await deps.advance(owed, progress);
    return 'paid';
  }
  const nowMs = deps.now();
  const sinceMs = progress.sinceMs ?? owed.sinceMs;
  if (isExpired({ ...owed, sinceMs }, nowMs)) return endDebt(deps, owed, 'given-up');
  await deps.advance(owed, { ...progress, triedAtMs: nowMs, tryAtMs: nowMs + pauseMs(nowMs - sinceMs) });
  return 'untaken';
}

/** Posts frames one after another until one is not taken or the turn's time is over. */
async function sendInTime(
  deps: PayDebtDeps,
  { connection }: OwedCatchUp,
  frames: readonly string[],
): Promise<DeliveryResult> {
  const endMs = deps.now() + TURN_MS;
  for (let sent = 0; ; ) {
    const next = frames.slice(sent, sent + 1);
    const result = await sendFrames({ ...deps, timeoutMs: DEBT_TIMEOUT_MS, roundsMs: 0 }, connection, next);
    sent += result.frames;
    const isOver = result.outcome !== 'delivered' || sent >= frames.length || deps.now() >= endMs;
    if (isOver) return { ...result, frames: sent };
  }
}

/** Returns the pause after a failed try: longer the older the debt is, from 1 s to PAUSE_CAP_MS. */
const pauseMs = (ageMs: number): number => Math.min(PAUSE_CAP_MS, Math.max(1_000, ageMs));

/**
 * Whether the topic has anything that the connection lacks, or a subscribe has no answer. A debt without a position
 * lacks its first answer.
 */
const isBehind = ({ position, isAsked }: OwedCatchUp, head: Head | undefined): boolean =>
  isAsked === true ||
  position === undefined ||
  position.epoch !== (head?.epoch ?? null) ||
  position.seq !== (head?.seq ?? 0);

/**
 * Returns the position that the last frame which was taken says, and that the debt's time begins anew; nothing when no
 * frame was taken.
 */
function progressOf({ now }: PayDebtDeps, frames: readonly string[], { frames: taken }: DeliveryResult): DebtProgress {
  const last = frames[taken - 1];
  if (last === undefined) return {};
  const { epoch, seq }: Position = JSON.parse(last);
  const answered = taken >= frames.length ? ({ isAsked: false } as const) : {};
  return { position: { epoch, seq }, sinceMs: now(), ...answered };
}
