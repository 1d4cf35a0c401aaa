import { MetricUnit } from '@aws-lambda-powertools/metrics';
import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import { ENVIRONMENT, requiredText } from '../shared/config.ts';
import { type PayDebtDeps, type Payment, payDebt } from '../shared/fanout/catch-up/pay-debt.ts';
import { createRecoveryBudget } from '../shared/fanout/catch-up/recovery-budget.ts';
import type { CatchUpAnswer } from '../shared/fanout/catch-up/send-recovery.ts';
import { announcePresence, type PresenceDeps } from '../shared/fanout/presence/presence.ts';
import { decodeDebt, decodePresenceRecord, streamSequenceNumberOf } from '../shared/fanout/stream-records.ts';
import { runBounded } from '../shared/run-bounded.ts';
import { listMessages } from '../shared/store/messages.ts';
import { countAttempt, type OwedCatchUp, settleOwed } from '../shared/store/owed.ts';
import { listMembers, listWatchers } from '../shared/store/presence.ts';
import { removeConnection } from '../shared/store/subscribers.ts';
import { findHead } from '../shared/store/topics.ts';
import { createLambda } from './lambda.ts';
import { openFanout } from './open-fanout.ts';

/** Number of owed catch-ups of one batch that are tried at once. */
const DEBT_CONCURRENCY = 16;

const { lambda, logger, metrics } = createLambda<DynamoDBStreamEvent, DynamoDBBatchResponse>('presence');
const { delivery, subscriptions, messages } = openFanout(logger);
const topicsTable = requiredText(ENVIRONMENT.topicsTable);
const members = { ...subscriptions, topicsTable };

const deps: PresenceDeps = {
  ...delivery,
  listWatchers: (topic) => listWatchers(subscriptions, topic),
  listMembers: (topic) => listMembers(members, topic),
  removeConnection: (connectionId) => removeConnection(subscriptions, connectionId),
  report: ({ event, ...details }) => logger.error(event, { ...details }),
};

const debtDeps: Omit<PayDebtDeps, 'report'> = {
  ...delivery,
  findHead: (topic) => findHead(messages.client, topicsTable, topic),
  listMessages: (range) => listMessages(messages, range),
  budget: createRecoveryBudget(Date.now),
  countAttempt: (owed) => countAttempt(subscriptions, owed),
  settle: (owed) => settleOwed(subscriptions, owed),
  removeConnection: deps.removeConnection,
};

/**
 * Handles the stream of Subscriptions in batches of a second. Sends `presence` frames to the connections that asked for
 * them when members of a topic join or leave, and tries to send the catch-ups that connections are owed: the batching
 * window is the pause between two tries. A batch that is not done is retried as a whole.
 */
export const handler = lambda.handler(async ({ Records }) => {
  const [isAnnounced, isPaid] = await Promise.all([announce(Records), payDebts(Records)]);
  const [first] = Records;
  if ((isAnnounced && isPaid) || first === undefined) return { batchItemFailures: [] };
  return { batchItemFailures: [{ itemIdentifier: streamSequenceNumberOf(first) }] };
});

async function announce(records: readonly DynamoDBRecord[]): Promise<boolean> {
  const events = records.flatMap((record) => decodePresenceRecord(record) ?? []);
  const { isDone, results } = await announcePresence(deps, events);
  metrics.addMetric('PresenceFrames', MetricUnit.Count, results.length);
  logger.info('presence', { records: records.length, deliveries: results.length, isDone });
  return isDone;
}

/** Tries the debts of a batch; of several records of one debt the last counts. Resolves to whether none failed. */
async function payDebts(records: readonly DynamoDBRecord[]): Promise<boolean> {
  const debts = records.flatMap((record) => decodeDebt(record) ?? []);
  const last = new Map(debts.map((debt) => [`${debt.connection.connectionId} ${debt.topic}`, debt]));
  const payments = await runBounded([...last.values()], DEBT_CONCURRENCY, pay);
  return !payments.includes('failed');
}

async function pay(owed: OwedCatchUp): Promise<Payment | 'failed'> {
  const { connection, topic, attempts } = owed;
  const answers: CatchUpAnswer[] = [];
  try {
    const outcome = await payDebt({ ...debtDeps, report: (answer) => void answers.push(answer) }, owed);
    if (outcome !== 'again') {
      const { connectionId } = connection;
      const told = outcome === 'paid' ? 'delivered' : outcome;
      logger.info('caught up', { connectionId, request: 'owed', outcome: told, topics: answers });
    }
    return outcome;
  } catch (error) {
    logger.error('owed catch-up failed', { error, connectionId: connection.connectionId, topic, attempts });
    return 'failed';
  }
}
