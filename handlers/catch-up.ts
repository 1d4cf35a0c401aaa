import { MetricUnit } from '@aws-lambda-powertools/metrics';
import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import { ENVIRONMENT, requiredText } from '../shared/config.ts';
import { type CatchUpDeps, type CatchUpOutcome, catchUp } from '../shared/fanout/catch-up/catch-up.ts';
import { type SweepRevokedDeps, sweepRevoked } from '../shared/fanout/catch-up/sweep-revoked.ts';
import { asksForHistory, decodeCatchUp, decodeRevocation, hasNewRequest } from '../shared/fanout/stream-records.ts';
import { createHandshakeWaits } from '../shared/fanout/catch-up/handshake-waits.ts';
import { createRecoveryBudget } from '../shared/fanout/catch-up/recovery-budget.ts';
import type { CatchUpAnswer } from '../shared/fanout/catch-up/send-recovery.ts';
import { streamSequenceNumberOf } from '../shared/fanout/stream-records.ts';
import { runBounded } from '../shared/run-bounded.ts';
import { listMessages } from '../shared/store/messages.ts';
import { noteOwed } from '../shared/store/owed.ts';
import {
  findRevocations,
  listConnectionsOf,
  putOffSweep,
  type Revocations,
  sweepAgain,
  sweepAnew,
} from '../shared/store/revocations.ts';
import { SUBSCRIPTIONS } from '../shared/store/schema.ts';
import {
  getTopics,
  isIndexed,
  isSubscribed,
  removeConnection,
  removeSubscriptions,
} from '../shared/store/subscribers.ts';
import { findHead } from '../shared/store/topics.ts';
import { openClose, openDebtStore, openFanout } from './open-fanout.ts';
import { createLambda } from './lambda.ts';
import { openTopicSettings } from './open-stores.ts';

/**
 * Number of subscriptions of one batch that are caught up at once.
 * @limit operator
 */
const CATCH_UP_CONCURRENCY = 16;

const { lambda, logger, metrics } = createLambda<DynamoDBStreamEvent, DynamoDBBatchResponse>('catch-up');
const { delivery, subscriptions, messages } = openFanout(logger);
const debts = openDebtStore(subscriptions);
const topicsTable = requiredText(ENVIRONMENT.topicsTable);

const deps: Omit<CatchUpDeps, 'report'> = {
  ...delivery,
  findHead: (topic) => findHead(messages.client, topicsTable, topic),
  listMessages: (range) => listMessages(messages, range),
  settingsOf: openTopicSettings(),
  isIndexed: (place, connectionId) => isIndexed(subscriptions, place, connectionId),
  isSubscribed: (connection, topic) => isSubscribed(subscriptions, connection, topic),
  getTopics: (connection) => getTopics(subscriptions, connection),
  noteDebt: (debt) => noteOwed(debts, debt),
  budget: createRecoveryBudget(Date.now),
  handshakes: createHandshakeWaits(Date.now),
  close: openClose(),
  removeConnection: (connectionId) => removeConnection(subscriptions, connectionId),
  removeSubscriptions: (connectionId) => removeSubscriptions(subscriptions, connectionId),
  findRevocations: (subject) => findRevocations(subscriptions, subject),
  sweepAnew: (revocations) => sweepAnew(debts, revocations),
};

const sweepDeps: SweepRevokedDeps = {
  ...deps,
  listConnectionsOf: (subject) => listConnectionsOf(subscriptions, subject),
  sweepAgain: (revocations, dueAt) => sweepAgain(debts, revocations, dueAt),
  putOff: (revocations) => putOffSweep(debts, revocations),
};

/**
 * The outcomes after which the request is finished. After any other one the record is retried: the client still waits.
 */
const FINAL_OUTCOMES: ReadonlySet<CatchUpOutcome> = new Set([
  'delivered',
  'gone',
  'dropped',
  'refused',
  'owed',
  'ended',
  'kept',
  'revoked',
]);

/**
 * Handles the stream of Subscriptions: sends each new subscriber its topic's position and the messages it missed, and
 * older messages to those that ask for them.
 */
export const handler = lambda.handler(async ({ Records }) => {
  metrics.addMetric('CatchUpRecords', MetricUnit.Count, Records.length);
  const failed = await runBounded(lastOfEachRequest(Records), CATCH_UP_CONCURRENCY, catchUpRecord);
  return { batchItemFailures: failed.flat() };
});

async function catchUpRecord(record: DynamoDBRecord): Promise<{ itemIdentifier: string }[]> {
  try {
    const revocations = decodeRevocation(record);
    if (revocations !== undefined) return await sweep(revocations);
    const request = decodeCatchUp(record);
    if (request === undefined) return [];
    // One for a subscription, one for each position of a ping.
    const topics: CatchUpAnswer[] = [];
    const outcome = await catchUp({ ...deps, report: (answer) => void topics.push(answer) }, request);
    const { connectionId, kind } = request;
    if (kind === 'history') logger.info('history answered', { connectionId, outcome, topic: request.topic });
    else logger.info('caught up', { connectionId, request: kind, outcome, topics });
    if (FINAL_OUTCOMES.has(outcome)) return [];
  } catch (error) {
    logger.error('catch-up failed', { error, keys: record.dynamodb?.Keys });
  }
  metrics.addMetric('CatchUpFailures', MetricUnit.Count, 1);
  return [{ itemIdentifier: streamSequenceNumberOf(record) }];
}

async function sweep(revocations: Revocations): Promise<[]> {
  const swept = await sweepRevoked(sweepDeps, revocations);
  if (swept === undefined) return [];
  const { subject, patterns, sweeps } = revocations;
  const { ended, failures } = swept;
  logger.info('revoked', { subject, patterns: [...patterns.keys()], sweeps, ended });
  if (failures.length === 0) return [];
  const [error] = failures;
  logger.error('sweep incomplete', { subject, sweeps, failures: failures.length, error });
  metrics.addMetric('CatchUpFailures', MetricUnit.Count, 1);
  return [];
}

/**
 * Returns the last record of each item that asks for a catch-up or a sweep, the last that asks for older messages, and
 * the last that asks for neither: a client that repeats its request is answered once. A later record without a request,
 * such as that of a lifted revocation, does not stand for an earlier one with a request.
 */
function lastOfEachRequest(records: readonly DynamoDBRecord[]): DynamoDBRecord[] {
  return [...new Map(records.map((record) => [requestKeyOf(record), record])).values()];
}

/** Returns a text that identifies a record's item and its kind. The order of the keys in the record does not matter. */
function requestKeyOf(record: DynamoDBRecord): string {
  const keys = record.dynamodb?.Keys ?? {};
  const item = [keys[SUBSCRIPTIONS.partitionKey]?.S, keys[SUBSCRIPTIONS.sortKey]?.S];
  return JSON.stringify([...item, hasNewRequest(record), asksForHistory(record)]);
}
