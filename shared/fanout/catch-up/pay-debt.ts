import type { Position } from '../../protocol/position.ts';
import type { Head } from '../../store/head.ts';
import type { OwedCatchUp } from '../../store/owed.ts';
import { isPastGrace } from '../deliver/deliver-frames.ts';
import { isOwed, NOTED_MS } from '../deliver/missed-frames.ts';
import type { DeliveryResult } from '../deliver/outcomes.ts';
import { recoveryFrames, sendFrames, type SendRecoveryDeps } from './send-recovery.ts';

/**
 * Time in ms for which a debt is tried. After it the client has to see its gap by itself, with the next frame or a
 * ping.
 * @limit operator
 */
export const DEBT_MS = 60_000;
/** Deadline in ms of a post that pays a debt: many connections that owe an answer are tried in one batch. */
const DEBT_TIMEOUT_MS = 200;
/**
 * Time in ms after the last note before a paid debt is deleted. A warm Lambda notes a debt once in NOTED_MS, so a frame
 * may have been missed since then without a note.
 */
export const SETTLE_MS = NOTED_MS + 1_000;

/** The dependencies of paying a debt. */
export interface PayDebtDeps extends SendRecoveryDeps {
  readonly claim: (owed: OwedCatchUp) => Promise<OwedCatchUp | undefined>;
  readonly isVoid: (owed: OwedCatchUp) => Promise<boolean>;
  readonly advance: (
    owed: OwedCatchUp,
    progress: { readonly position?: Position | undefined; readonly tryAtMs?: number },
  ) => Promise<void>;
  readonly settle: (owed: OwedCatchUp) => Promise<void>;
  readonly removeConnection: (connectionId: string) => Promise<unknown>;
}

/**
 * The end of one turn of a debt.
 * - `waiting`: it is too early for a try, or the connection does not answer. The debt comes again.
 * - `paid`: frames were sent. The debt comes again, to see whether more was missed meanwhile.
 * - `settled`: nothing is missing any more. `void`: the subscription has ended, or was answered otherwise.
 * - `stale`: a newer record stands for the debt. `given-up`: it was tried for DEBT_MS.
 */
export type Payment = 'waiting' | 'paid' | 'settled' | 'void' | 'stale' | 'gone' | 'given-up';

/**
 * Takes one turn of a debt: claims it, and when it is time tries to send the connection the messages after its
 * position, as the answer to a subscribe. Each claim brings the debt again in the next batch of the stream. Rejects
 * when the stores cannot be read or written; a claimed debt comes again all the same.
 */
export async function payDebt(deps: PayDebtDeps, record: OwedCatchUp): Promise<Payment> {
  const owed = await deps.claim(record);
  if (owed === undefined) return 'stale';
  if (deps.now() < owed.tryAtMs) return 'waiting';
  if (await deps.isVoid(owed)) return end(deps, owed, 'void');
  const head = await deps.findHead(owed.topic);
  if (!isBehind(owed, head)) {
    return deps.now() - owed.notedAtMs < SETTLE_MS ? 'waiting' : end(deps, owed, 'settled');
  }
  return tryToPay(deps, owed, head);
}

async function tryToPay(deps: PayDebtDeps, owed: OwedCatchUp, head: Head | undefined): Promise<Payment> {
  const { connection, topic, position, history, sinceMs } = owed;
  const target = { topic, connectionId: connection.connectionId, head };
  const frames = await recoveryFrames(deps, target, { position, history });
  const result = await sendFrames({ ...deps, timeoutMs: DEBT_TIMEOUT_MS, roundsMs: 0 }, connection, frames);
  if (result.outcome === 'gone' && isPastGrace(connection.connectedAt, deps.now())) {
    await deps.removeConnection(connection.connectionId);
    return 'gone';
  }
  if (!isOwed(result) && result.outcome !== 'gone') {
    await deps.advance(owed, { position: positionOf(frames, result) });
    return 'paid';
  }
  if (deps.now() - sinceMs >= DEBT_MS) return end(deps, owed, 'given-up');
  await deps.advance(owed, { position: positionOf(frames, result), tryAtMs: nextTry(deps.now(), sinceMs) });
  return 'waiting';
}

/** Returns the time of the next try: the pauses grow as the debt gets older, up to 16 s. */
const nextTry = (nowMs: number, sinceMs: number): number => nowMs + Math.min(16_000, Math.max(1_000, nowMs - sinceMs));

/** Whether the topic has anything that the connection lacks. A debt without a position lacks its first answer. */
const isBehind = ({ position }: OwedCatchUp, head: Head | undefined): boolean =>
  position === undefined || position.epoch !== (head?.epoch ?? null) || position.seq !== (head?.seq ?? 0);

/** Returns the position that the last frame which was taken says; undefined when none was. */
function positionOf(frames: readonly string[], result: DeliveryResult): Position | undefined {
  const last = frames[result.frames - 1];
  if (last === undefined) return undefined;
  const { epoch, seq }: Position = JSON.parse(last);
  return { epoch, seq };
}

async function end(deps: PayDebtDeps, owed: OwedCatchUp, payment: Payment): Promise<Payment> {
  await deps.settle(owed);
  return payment;
}
