import { MetricUnit } from '@aws-lambda-powertools/metrics';
import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import { ENVIRONMENT, requiredText } from '../shared/config.ts';
import type { Payment } from '../shared/fanout/catch-up/pay-debt.ts';
import { payDebts, type PayDebtsDeps } from '../shared/fanout/catch-up/pay-debts.ts';
import { HISTORY_ATTEMPTS } from '../shared/fanout/catch-up/recover.ts';
import { createRecoveryBudget } from '../shared/fanout/catch-up/recovery-budget.ts';
import { announcePresence, type PresenceDeps } from '../shared/fanout/presence/presence.ts';
import { decodeDebt, decodePresenceRecord, streamSequenceNumberOf } from '../shared/fanout/stream-records.ts';
import { listMessages } from '../shared/store/messages.ts';
import { advanceOwed, claimOwed, isVoid, noteOwed, type OwedCatchUp, settleOwed } from '../shared/store/owed.ts';
import { readDetails } from '../shared/store/member-details.ts';
import { listMembers, listWatchers } from '../shared/store/presence.ts';
import { removeConnection } from '../shared/store/subscribers.ts';
import { findHead } from '../shared/store/topics.ts';
import { findWildcardPositions } from '../shared/store/wildcard-positions.ts';
import { createLambda } from './lambda.ts';
import { openAwayStore, openDebtStore, openFanout } from './open-fanout.ts';
import { openTopicSettings } from './open-stores.ts';

const { lambda, logger, metrics } = createLambda<DynamoDBStreamEvent, DynamoDBBatchResponse>('presence');
const { delivery, subscriptions, messages } = openFanout(logger);
const topicsTable = requiredText(ENVIRONMENT.topicsTable);
const members = { ...subscriptions, topicsTable };

const deps: PresenceDeps = {
  ...delivery,
  listWatchers: (topic) => listWatchers(subscriptions, topic),
  listMembers: (topic) => listMembers(members, topic),
  readDetails: (topic, connectionIds) => readDetails(subscriptions, topic, connectionIds),
  away: openAwayStore(subscriptions),
  removeConnection: (connectionId) => removeConnection(subscriptions, connectionId),
  report: ({ event, ...details }) => logger.error(event, { ...details }),
};

const debts = openDebtStore(subscriptions);

const debtDeps: PayDebtsDeps = {
  ...delivery,
  findHead: (topic) => findHead(messages.client, topicsTable, topic),
  listMessages: (range) => listMessages(messages, range),
  settingsOf: openTopicSettings(),
  budget: createRecoveryBudget(Date.now),
  claim: (owed) => claimOwed(debts, owed),
  isVoid: (owed) => isVoid(debts, owed),
  advance: (owed, progress) => advanceOwed(debts, owed, progress),
  settle: (owed) => settleOwed(debts, owed),
  noteDebt: (debt) => noteOwed(debts, debt),
  findWildcardPositions: (connection, wildcard) => findWildcardPositions(subscriptions, connection, wildcard),
  removeConnection: deps.removeConnection,
  // A debt comes again in a second: it does not wait for messages that are on their way to the archive.
  archiveAttempts: HISTORY_ATTEMPTS,
  onPayment: ({ connection: { connectionId } }, payment, topics) => {
    const outcome = payment === 'paid' ? 'delivered' : payment;
    if (TOLD.has(payment)) logger.info('caught up', { connectionId, request: 'owed', outcome, topics });
  },
  onFailure: ({ connection: { connectionId }, topic }, error) =>
    logger.error('owed catch-up failed', { error, connectionId, topic }),
};

/**
 * Handles the stream of Subscriptions in batches of a second. Sends `presence` frames to the connections that asked for
 * them when members of a topic join, leave or change their state; a batch of which that is not done is retried as a
 * whole. A subject leaves AWAY_MS after its last connection: until then its topic comes again with each batch. Tries to
 * send the catch-ups that connections are owed, too: the batching window is the pause between two tries. A debt that
 * DynamoDB did not let this batch claim is retried from its record on, since nothing else would bring it again.
 */
export const handler = lambda.handler(async ({ Records }) => {
  const paying = payDebtsOf(Records);
  const announcing = announce(Records);
  await Promise.allSettled([paying, announcing]);
  const failed = new Set([...(await paying), ...(await announcing)]);
  const first = Records.find((record) => failed.has(record));
  return { batchItemFailures: first === undefined ? [] : [{ itemIdentifier: streamSequenceNumberOf(first) }] };
});

/** Announces presence. Resolves to the first record if that is not done. */
async function announce(records: readonly DynamoDBRecord[]): Promise<readonly DynamoDBRecord[]> {
  const events = records.flatMap((record) => decodePresenceRecord(record) ?? []);
  const { isDone, results } = await announcePresence(deps, events);
  metrics.addMetric('PresenceFrames', MetricUnit.Count, results.length);
  logger.info('presence', { records: records.length, deliveries: results.length, isDone });
  return isDone ? [] : records.slice(0, 1);
}

/**
 * Takes a turn of each debt of a batch; of several records of one debt only the last stands. Resolves to the records of
 * the debts that could not be claimed.
 */
async function payDebtsOf(records: readonly DynamoDBRecord[]): Promise<readonly DynamoDBRecord[]> {
  const last = new Map<string, { readonly owed: OwedCatchUp; readonly record: DynamoDBRecord }>();
  for (const record of records) {
    const owed = findDebt(record);
    if (owed !== undefined) last.set(`${owed.connection.connectionId} ${owed.topic}`, { owed, record });
  }
  const due = [...last.values()];
  const unclaimed = new Set(
    await payDebts(
      debtDeps,
      due.map(({ owed }) => owed),
    ),
  );
  return due.flatMap(({ owed, record }) => (unclaimed.has(owed) ? [record] : []));
}

function findDebt(record: DynamoDBRecord): OwedCatchUp | undefined {
  try {
    return decodeDebt(record);
  } catch (error) {
    logger.error('bad debt', { error, keys: record.dynamodb?.Keys });
    return undefined;
  }
}

/** The ends of a turn that are logged: the others come again, or say nothing new. */
const TOLD: ReadonlySet<Payment> = new Set(['paid', 'gone', 'given-up']);
