import { runBounded } from '../../run-bounded.ts';
import type { OwedCatchUp } from '../../store/owed.ts';
import { endDebt, isExpired, isTooEarly, type PayDebtDeps, type Payment, payDebt } from './pay-debt.ts';
import type { CatchUpAnswer } from './send-recovery.ts';

/** Number of connections of one batch that are tried at once: presence shares the time and the engine with them. */
export const PAYING_CONCURRENCY = 16;
/** Number of debts of one connection that are claimed at once. */
const CLAIM_CONCURRENCY = 4;
/**
 * Time in ms after which a batch begins no further try: presence of the next batch waits for this one. The other debts
 * come again in the next batch.
 * @limit operator
 */
export const PAYING_MS = 500;

/** The dependencies of paying the debts of a batch. */
export interface PayDebtsDeps extends Omit<PayDebtDeps, 'report'> {
  /** Receives the end of each turn, with the answers that were prepared in it. */
  readonly onPayment: (owed: OwedCatchUp, payment: Payment, answers: readonly CatchUpAnswer[]) => void;
  readonly onFailure: (owed: OwedCatchUp, error: unknown) => void;
}

/**
 * Takes a turn of each debt. A connection that does not take a frame is tried once in the batch, whatever number of
 * debts it has. Never rejects: resolves to the debts that could not be claimed, whose records have to come again.
 */
export async function payDebts(deps: PayDebtsDeps, records: readonly OwedCatchUp[]): Promise<readonly OwedCatchUp[]> {
  const endMs = deps.now() + PAYING_MS;
  const groups = [...Map.groupBy(records, ({ connection }) => connection.connectionId).values()];
  const unclaimed = await runBounded(groups, PAYING_CONCURRENCY, (group) => payConnection(deps, group, endMs));
  return unclaimed.flat();
}

async function payConnection(
  deps: PayDebtsDeps,
  records: readonly OwedCatchUp[],
  endMs: number,
): Promise<readonly OwedCatchUp[]> {
  const unclaimed: OwedCatchUp[] = [];
  const claims = await runBounded(records, CLAIM_CONCURRENCY, async (record) => {
    try {
      return await deps.claim(record);
    } catch (error) {
      deps.onFailure(record, error);
      unclaimed.push(record);
      return undefined;
    }
  });
  const debts = claims.filter((owed) => owed !== undefined);
  // The pause after a failed try is the connection's: another debt of it would not be taken either.
  const isPausing = debts.some((owed) => owed.triedAtMs !== undefined && isTooEarly(owed, deps.now()));
  if (!isPausing) await payUntilUntaken(deps, debts, endMs);
  return unclaimed;
}

/** Pays one debt after another while the connection takes frames and there is time; past it, ends the expired ones. */
async function payUntilUntaken(deps: PayDebtsDeps, debts: readonly OwedCatchUp[], endMs: number): Promise<void> {
  let isTaking = true;
  for (const owed of debts) {
    if (isTaking && deps.now() < endMs) {
      isTaking = !UNTAKEN.has(await turnOf(deps, owed, payDebt));
    } else if (!isTaking && isExpired(owed, deps.now())) {
      await turnOf(deps, owed, (own) => endDebt(own, owed, 'given-up'));
    }
  }
}

/** The payments after which the connection's other debts are not tried in the same batch. */
const UNTAKEN: ReadonlySet<Payment> = new Set(['untaken', 'gone', 'given-up']);

async function turnOf(deps: PayDebtsDeps, owed: OwedCatchUp, take: typeof payDebt): Promise<Payment> {
  const answers: CatchUpAnswer[] = [];
  try {
    const payment = await take({ ...deps, report: (answer) => void answers.push(answer) }, owed);
    deps.onPayment(owed, payment, answers);
    return payment;
  } catch (error) {
    deps.onFailure(owed, error);
    return 'waiting';
  }
}
