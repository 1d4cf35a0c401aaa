import { MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Context, DynamoDBBatchResponse, DynamoDBStreamEvent } from 'aws-lambda';
import { ENVIRONMENT, lambdaFunctionName, readJson } from '../shared/config.ts';
import { keptObject } from '../shared/from-table/kept-record.ts';
import {
  publishRecords,
  type PublishRecordsDeps,
  type PublishRecordsEvent,
} from '../shared/from-table/publish-records.ts';
import { openSource, readTableSource } from '../shared/from-table/table-source.ts';
import { streamSequenceNumberOf } from '../shared/fanout/stream-records.ts';
import { createNewest } from '../shared/newest.ts';
import { STORE_BOUNDS } from '../shared/store/bounds.ts';
import { recordKey } from '../shared/store/own-key.ts';
import { createLambda } from './lambda.ts';
import { openFailures } from './open-failures.ts';
import { openTopicStore } from './open-stores.ts';

/**
 * Number of published records that a warm Lambda remembers: several batches, so that a retry of one costs no writes.
 */
const REMEMBERED_RECORDS = 2_000;

/** The event: a batch of the stream, or records that an operator has published again. */
interface TableRecordsEvent extends DynamoDBStreamEvent {
  /** Whether the records are replayed: what cannot be published is named in the result, and not kept again. */
  readonly isReplay?: boolean;
}

interface TableRecordsResult extends DynamoDBBatchResponse {
  /** The reasons for which records of a replay cannot be published. */
  readonly unpublishable?: readonly string[];
}

const { lambda, logger, metrics } = createLambda<TableRecordsEvent, TableRecordsResult>('from-table');
const topics = openTopicStore({ keySeconds: STORE_BOUNDS.RECORD_KEY_SECONDS });
const putFailure = openFailures();
const functionName = lambdaFunctionName();

const deps: Omit<PublishRecordsDeps, 'keep' | 'remainingMs' | 'report'> = {
  source: openSource(readTableSource(readJson(ENVIRONMENT.tableSource))),
  publish: topics.publish,
  keyOf: ({ streamArn, eventId }) => recordKey(functionName, streamArn, eventId),
  published: createNewest(REMEMBERED_RECORDS),
};

/**
 * Handles the stream of an application's table: publishes each change that the source asks for to its topic, once. On a
 * failure it names the first record to retry; Lambda then retries the batch from there.
 */
export const handler = lambda.handler(async ({ Records, isReplay }, context) => {
  const counts = { published: 0, unpublishable: 0, failed: 0 };
  const unpublishable: string[] = [];
  const keep =
    isReplay === true ? async (_record: unknown, fault: string) => void unpublishable.push(fault) : keepBy(context);
  const report = (event: PublishRecordsEvent): void => {
    counts[event.event] += 1;
    log(event);
  };
  try {
    const remainingMs = () => context.getRemainingTimeInMillis();
    const failed = await publishRecords({ ...deps, keep, remainingMs, report }, Records);
    const record = failed === undefined ? undefined : Records[failed];
    const batchItemFailures = record === undefined ? [] : [{ itemIdentifier: streamSequenceNumberOf(record) }];
    return isReplay === true ? { batchItemFailures, unpublishable } : { batchItemFailures };
  } finally {
    metrics.addMetric('PublishedRecords', MetricUnit.Count, counts.published);
    metrics.addMetric('UnpublishableRecords', MetricUnit.Count, counts.unpublishable);
    metrics.addMetric('FailedRecords', MetricUnit.Count, counts.failed);
  }
});

/** Returns the function that keeps a record in the failure bucket, under the names of one invocation. */
const keepBy =
  ({ invokedFunctionArn: functionArn, awsRequestId: requestId }: Context): PublishRecordsDeps['keep'] =>
  (record, fault) =>
    putFailure(keptObject(record, fault, { functionArn, requestId }));

function log(event: PublishRecordsEvent): void {
  switch (event.event) {
    case 'published': {
      const { topic, epoch, seq, eventId } = event;
      return logger.info('published', { topic, epoch, seq, eventId, source: functionName });
    }
    case 'unpublishable': {
      const { eventID: eventId, dynamodb } = event.record;
      return logger.error('unpublishable', { fault: event.fault, eventId, keys: dynamodb?.Keys });
    }
    case 'failed':
      return logger.error('publish failed', { error: event.error, eventId: event.record.eventID });
  }
}
