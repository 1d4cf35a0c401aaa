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
import { advanceOwed, claimOwed, isVoid, type OwedCatchUp, settleOwed } from '../shared/store/owed.ts';
import { listMembers, listWatchers } from '../shared/store/presence.ts';
import { removeConnection } from '../shared/store/subscribers.ts';
import { findHead } from '../shared/store/topics.ts';
import { createLambda } from './lambda.ts';
import { openDebtStore, openFanout } from './open-fanout.ts';

/** Number of owed catch-ups of one batch that are tried at once. */
const DEBT_CONCURRENCY = 64;

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

const debts = openDebtStore(subscriptions);

const debtDeps: Omit<PayDebtDeps, 'report'> = {
  ...delivery,
  findHead: (topic) => findHead(messages.client, topicsTable, topic),
  listMessages: (range) => listMessages(messages, range),
  budget: createRecoveryBudget(Date.now),
  claim: (owed) => claimOwed(debts, owed),
  isVoid: (owed) => isVoid(debts, owed),
  advance: (owed, progress) => advanceOwed(debts, owed, progress),
  settle: (owed) => settleOwed(debts, owed),
  removeConnection: deps.removeConnection,
};

/**
 * Handles the stream of Subscriptions in batches of a second. Sends `presence` frames to the connections that asked for
 * them when members of a topic join or leave; a batch of which that is not done is retried as a whole. Tries to send
 * the catch-ups that connections are owed, too: the batching window is the pause between two tries.
 */
export const handler = lambda.handler(async ({ Records }) => {
  const paying = payDebts(Records);
  try {
    return await announce(Records);
  } finally {
    await paying;
  }
});

async function announce(records: readonly DynamoDBRecord[]): Promise<DynamoDBBatchResponse> {
  const events = records.flatMap((record) => decodePresenceRecord(record) ?? []);
  const { isDone, results } = await announcePresence(deps, events);
  metrics.addMetric('PresenceFrames', MetricUnit.Count, results.length);
  logger.info('presence', { records: records.length, deliveries: results.length, isDone });
  const [first] = records;
  if (isDone || first === undefined) return { batchItemFailures: [] };
  return { batchItemFailures: [{ itemIdentifier: streamSequenceNumberOf(first) }] };
}

/**
 * Takes a turn of each debt of a batch; of several records of one debt only the last stands. Never rejects: a debt that
 * could not be handled is noted again with the next frame that its connection misses.
 */
async function payDebts(records: readonly DynamoDBRecord[]): Promise<void> {
  const last = new Map<string, OwedCatchUp>();
  for (const record of records) {
    const owed = findDebt(record);
    if (owed !== undefined) last.set(`${owed.connection.connectionId} ${owed.topic}`, owed);
  }
  await runBounded([...last.values()], DEBT_CONCURRENCY, pay);
}

function findDebt(record: DynamoDBRecord): OwedCatchUp | undefined {
  try {
    return decodeDebt(record);
  } catch (error) {
    logger.error('bad debt', { error, keys: record.dynamodb?.Keys });
    return undefined;
  }
}

async function pay(owed: OwedCatchUp): Promise<void> {
  const { connectionId } = owed.connection;
  const topics: CatchUpAnswer[] = [];
  try {
    const outcome = await payDebt({ ...debtDeps, report: (answer) => void topics.push(answer) }, owed);
    if (TOLD.has(outcome)) {
      const told = outcome === 'paid' ? 'delivered' : outcome;
      logger.info('caught up', { connectionId, request: 'owed', outcome: told, topics });
    }
  } catch (error) {
    logger.error('owed catch-up failed', { error, connectionId, topic: owed.topic });
  }
}

/** The ends of a turn that are logged: the others come again, or say nothing new. */
const TOLD: ReadonlySet<Payment> = new Set(['paid', 'gone', 'given-up']);
