import { createNewest } from '../../newest.ts';
import { runBounded } from '../../run-bounded.ts';
import type { Debt } from '../../store/owed.ts';
import type { DeliveryResult } from './outcomes.ts';

/** Number of debts that one round of posts records at once. */
const NOTE_CONCURRENCY = 16;
/** Time in ms after which a round of posts records no further debts: the next frames wait for it. */
const NOTE_BUDGET_MS = 500;
/**
 * Number of debts that one round of posts records. Where more connections miss frames, the others see the gap and catch
 * up by themselves.
 * @limit operator
 */
export const NOTED_DEBTS = 1_000;
/** Time in ms for which a recorded debt is remembered: a resting connection misses frame after frame. */
export const NOTED_MS = 5_000;
/** Number of recorded debts that a warm Lambda remembers; the oldest is forgotten. */
const REMEMBERED_DEBTS = 10_000;

/** Records the catch-ups that connections are owed. Never rejects. */
export type NoteDebts = (debts: readonly Debt[]) => Promise<void>;

/** The dependencies of recording debts. */
export interface DebtNotesDeps {
  readonly note: (debt: Debt) => Promise<void>;
  readonly report: (event: {
    readonly event: 'debt-failed';
    readonly error: unknown;
    readonly subject: string;
  }) => void;
  readonly now: () => number;
}

/** Returns a function that records debts, each at most once in NOTED_MS. */
export function createDebtNotes({ note, report, now }: DebtNotesDeps): NoteDebts {
  const notedAtMs = createNewest<string, number>(REMEMBERED_DEBTS);
  return async (debts) => {
    const isFresh = (debt: Debt): boolean => now() - (notedAtMs.get(keyOf(debt)) ?? -Infinity) < NOTED_MS;
    const due = debts.filter((debt) => !isFresh(debt)).slice(0, NOTED_DEBTS);
    const endMs = now() + NOTE_BUDGET_MS;
    await runBounded(due, NOTE_CONCURRENCY, async (debt) => {
      if (now() > endMs) return;
      try {
        await note(debt);
        notedAtMs.set(keyOf(debt), now());
      } catch (error) {
        // The delivery is done for the others: this client sees its gap with the next frame.
        report({ event: 'debt-failed', error, subject: debt.connection.connectionId });
      }
    });
  };
}

const keyOf = ({ connection, topic }: Debt): string => `${connection.connectionId} ${topic}`;

/** The outcomes after which a connection lacks frames that it may still take. */
const OWED_OUTCOMES: ReadonlySet<DeliveryResult['outcome']> = new Set(['throttled', 'unanswered', 'failed']);

/** Whether a connection is owed the frames of this delivery. */
export const isOwed = ({ outcome }: Pick<DeliveryResult, 'outcome'>): boolean => OWED_OUTCOMES.has(outcome);
