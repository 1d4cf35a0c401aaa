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

/** Number of published records that a warm Lambda remembers: several batches, so that a retry of one costs no writes. */
const REMEMBERED_RECORDS = 2_000;

const { lambda, logger, metrics } = createLambda<DynamoDBStreamEvent, DynamoDBBatchResponse>('from-table');
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
export const handler = lambda.handler(async ({ Records }, context) => {
  const counts = { published: 0, unpublishable: 0, failed: 0 };
  const report = (event: PublishRecordsEvent): void => {
    counts[event.event] += 1;
    log(event);
  };
  try {
    const failed = await publishRecords({ ...deps, ...within(context), report }, Records);
    const record = failed === undefined ? undefined : Records[failed];
    return { batchItemFailures: record === undefined ? [] : [{ itemIdentifier: streamSequenceNumberOf(record) }] };
  } finally {
    metrics.addMetric('PublishedRecords', MetricUnit.Count, counts.published);
    metrics.addMetric('UnpublishableRecords', MetricUnit.Count, counts.unpublishable);
    metrics.addMetric('FailedRecords', MetricUnit.Count, counts.failed);
  }
});

/** Returns the dependencies that belong to one invocation. */
const within = (context: Context): Pick<PublishRecordsDeps, 'keep' | 'remainingMs'> => ({
  keep: (record, fault) =>
    putFailure(keptObject(record, fault, { functionArn: context.invokedFunctionArn, requestId: context.awsRequestId })),
  remainingMs: () => context.getRemainingTimeInMillis(),
});

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
