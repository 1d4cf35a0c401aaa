import { createNewest } from '../../newest.ts';
import { runBounded } from '../../run-bounded.ts';
import type { Debt } from '../../store/owed.ts';
import type { DeliveryResult } from './outcomes.ts';

/** Number of debts that one round of posts records at once. */
const NOTE_CONCURRENCY = 16;
/** Time in ms after which a round of posts records no further debts: the next frames wait for it. */
const NOTE_BUDGET_MS = 500;
/**
 * Number of debts that one round of posts records. The others, and those that DynamoDB refused, are recorded with the
 * next round of the same warm Lambda.
 * @limit operator
 */
export const NOTED_DEBTS = 1_000;
/** Time in ms for which a recorded debt is remembered: a resting connection misses frame after frame. */
export const NOTED_MS = 5_000;
/** Number of recorded debts that a warm Lambda remembers; the oldest is forgotten. */
const REMEMBERED_DEBTS = 10_000;
/**
 * Number of debts that a warm Lambda keeps for its next round of posts. Past it they are lost: these clients see the
 * gap with the next frame, or with a ping.
 * @limit operator
 */
export const PENDING_DEBTS = 10_000;

/** Records the catch-ups that connections are owed, and those that are left from the rounds before. Never rejects. */
export type NoteDebts = (debts: readonly Debt[]) => Promise<void>;

/** An event of recording debts that operators should see: debts that were refused, or dropped for good. */
interface DebtNotesEvent {
  readonly event: 'debt-failed' | 'debts-dropped';
  readonly error?: unknown;
  readonly subject: string;
}

/** The dependencies of recording debts. */
export interface DebtNotesDeps {
  readonly note: (debt: Debt) => Promise<void>;
  readonly report: (event: DebtNotesEvent) => void;
  readonly now: () => number;
}

/** Returns a function that records debts, each at most once in NOTED_MS. */
export function createDebtNotes({ note, report, now }: DebtNotesDeps): NoteDebts {
  const notedAtMs = createNewest<string, number>(REMEMBERED_DEBTS);
  const isFresh = (key: string): boolean => now() - (notedAtMs.get(key) ?? -Infinity) < NOTED_MS;
  let pending: ReadonlyMap<string, Debt> = new Map();
  return async (debts) => {
    const due = dueOf(pending, debts, isFresh);
    if (due.length === 0) return;
    const left = new Map(due);
    const endMs = now() + NOTE_BUDGET_MS;
    await runBounded(due.slice(0, NOTED_DEBTS), NOTE_CONCURRENCY, async ([key, debt]) => {
      const startMs = now();
      if (startMs > endMs) return;
      try {
        await note(debt);
        // The time of the note itself, which the payer compares: the answer may have taken seconds.
        notedAtMs.set(key, startMs);
        left.delete(key);
      } catch (error) {
        // The delivery is done for the others: this debt is recorded with the next round.
        report({ event: 'debt-failed', error, subject: debt.connection.connectionId });
      }
    });
    pending = new Map([...left].slice(0, PENDING_DEBTS));
    if (left.size > PENDING_DEBTS) report({ event: 'debts-dropped', subject: `${left.size - PENDING_DEBTS} debts` });
  };
}

/** Returns the debts to record, the pending ones first: of two for one subscription the older stands. */
function dueOf(
  pending: ReadonlyMap<string, Debt>,
  debts: readonly Debt[],
  isFresh: (key: string) => boolean,
): readonly (readonly [string, Debt])[] {
  const due = new Map(pending);
  for (const debt of debts) {
    const key = keyOf(debt);
    if (!due.has(key) && !isFresh(key)) due.set(key, debt);
  }
  return [...due];
}

const keyOf = ({ connection, topic }: Debt): string => `${connection.connectionId} ${topic}`;

/** The outcomes after which a connection lacks frames that it may still take. */
const OWED_OUTCOMES: ReadonlySet<DeliveryResult['outcome']> = new Set(['throttled', 'unanswered', 'failed']);

/** Whether a connection is owed the frames of this delivery. */
export const isOwed = ({ outcome }: Pick<DeliveryResult, 'outcome'>): boolean => OWED_OUTCOMES.has(outcome);
