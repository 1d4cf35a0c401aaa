import { MetricUnit } from '@aws-lambda-powertools/metrics';
import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import { ENVIRONMENT, requiredText } from '../shared/config.ts';
import { type CatchUpDeps, type CatchUpOutcome, catchUp, catchUpTogether } from '../shared/fanout/catch-up/catch-up.ts';
import { type RecordRequest, groupRequests, type RequestGroup } from '../shared/fanout/catch-up/group-requests.ts';
import { type SweepRevokedDeps, sweepRevoked } from '../shared/fanout/catch-up/sweep-revoked.ts';
import { asksForHistory, decodeCatchUp, decodeRevocation, hasNewRequest } from '../shared/fanout/stream-records.ts';
import { createHandshakeWaits } from '../shared/fanout/catch-up/handshake-waits.ts';
import { createRecoveryBudget } from '../shared/fanout/catch-up/recovery-budget.ts';
import type { CatchUpAnswer } from '../shared/fanout/catch-up/send-recovery.ts';
import { streamSequenceNumberOf } from '../shared/fanout/stream-records.ts';
import { runBounded } from '../shared/run-bounded.ts';
import { createHeadReader } from '../shared/store/head-reader.ts';
import { listMessages } from '../shared/store/messages.ts';
import type { CatchUpRequest } from '../shared/store/catch-up-request.ts';
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
  findHead: createHeadReader({ client: messages.client, table: topicsTable }),
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

/** A part of a batch. Resolves to its records that have to be retried. */
type Work = () => Promise<readonly DynamoDBRecord[]>;

/**
 * Handles the stream of Subscriptions: sends each new subscriber its topic's position and the messages it missed, and
 * older messages to those that ask for them. Several subscriptions of one connection are answered together.
 */
export const handler = lambda.handler(async ({ Records }) => {
  metrics.addMetric('CatchUpRecords', MetricUnit.Count, Records.length);
  const done = await runBounded(workOf(lastOfEachRequest(Records)), CATCH_UP_CONCURRENCY, (work) => work());
  const failed = new Set(done.flat());
  if (failed.size > 0) metrics.addMetric('CatchUpFailures', MetricUnit.Count, failed.size);
  const inOrder = Records.filter((record) => failed.has(record));
  return { batchItemFailures: inOrder.map((record) => ({ itemIdentifier: streamSequenceNumberOf(record) })) };
});

function workOf(records: readonly DynamoDBRecord[]): readonly Work[] {
  const others: Work[] = [];
  const asked: RecordRequest<DynamoDBRecord>[] = [];
  for (const record of records) {
    try {
      const revocations = decodeRevocation(record);
      const request = revocations === undefined ? decodeCatchUp(record) : undefined;
      if (revocations !== undefined) others.push(() => orFail([record], () => sweep(revocations)));
      if (request !== undefined) asked.push({ record, request });
    } catch (error) {
      others.push(() => orFail([record], () => Promise.reject(error)));
    }
  }
  return [...others, ...groupRequests(asked).map((group) => () => answerGroup(group))];
}

/** Answers requests together; each alone if that throws: what cannot be answered holds up no other. */
async function answerGroup({ asked, together }: RequestGroup<DynamoDBRecord>): ReturnType<Work> {
  const alone = (): Promise<(readonly DynamoDBRecord[])[]> =>
    Promise.all(
      asked.map(({ record, request }) => orFail([record], () => answer(request, (own) => catchUp(own, request)))),
    );
  if (together === undefined) return (await alone()).flat();
  try {
    const isDone = await answer(together[0], (own) => catchUpTogether(own, together));
    return isDone ? [] : asked.map(({ record }) => record);
  } catch (error) {
    logger.warn('answered one by one', { connectionId: together[0].connectionId, error });
    return (await alone()).flat();
  }
}

/** Answers by `run`, and logs how it ended. Resolves to whether nobody waits for an answer any more. */
async function answer(
  { connectionId, kind, ...request }: CatchUpRequest,
  run: (deps: CatchUpDeps) => Promise<CatchUpOutcome>,
): Promise<boolean> {
  // One for each subscription, one for each position of a ping.
  const topics: CatchUpAnswer[] = [];
  const outcome = await run({ ...deps, report: (each) => void topics.push(each) });
  const topic = 'topic' in request ? request.topic : undefined;
  // The reason for which a request ends its connection.
  const code = 'code' in request ? request.code : undefined;
  if (kind === 'history') logger.info('history answered', { connectionId, outcome, topic });
  else logger.info('caught up', { connectionId, request: kind, outcome, topics, code });
  return FINAL_OUTCOMES.has(outcome);
}

/** Returns the records if the work on them fails, and logs why; none if it is done. */
async function orFail(records: readonly DynamoDBRecord[], work: () => Promise<boolean>): ReturnType<Work> {
  try {
    if (await work()) return [];
  } catch (error) {
    logger.error('catch-up failed', { error, keys: records.map(({ dynamodb }) => dynamodb?.Keys) });
  }
  return records;
}

/** Sweeps a revocation. Resolves to true in any case: what is left of it is swept again by its own record. */
async function sweep(revocations: Revocations): Promise<true> {
  const swept = await sweepRevoked(sweepDeps, revocations);
  if (swept === undefined) return true;
  const { subject, patterns, sweeps } = revocations;
  const { ended, failures } = swept;
  logger.info('revoked', { subject, patterns: [...patterns.keys()], sweeps, ended });
  if (failures.length === 0) return true;
  const [error] = failures;
  logger.error('sweep incomplete', { subject, sweeps, failures: failures.length, error });
  metrics.addMetric('CatchUpFailures', MetricUnit.Count, 1);
  return true;
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
