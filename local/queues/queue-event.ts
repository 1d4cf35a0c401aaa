import type { QueueStore } from '../engine/start-buckets.ts';

/** A queue of the running service. */
export type RunningQueue = NonNullable<ReturnType<QueueStore['getQueueByArn']>>;

/** A message that was received. */
export type ReceivedMessage = ReturnType<RunningQueue['dequeue']>[number];

/** A record of the event that Lambda gives to a function. */
export interface QueueRecord {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly body: string;
  readonly [field: string]: unknown;
}

/** The principal that sends messages here: there are no users. */
const SENDER = 'AIDALOCALEXAMPLE0000';

/**
 * Returns the record of a message, in AWS's order of fields.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
 */
export function queueRecord(message: ReceivedMessage, queue: RunningQueue, region: string): QueueRecord {
  return {
    messageId: message.MessageId,
    receiptHandle: message.ReceiptHandle,
    body: message.Body,
    attributes: attributesOf(message, queue),
    messageAttributes: Object.fromEntries(
      Object.entries(message.MessageAttributes ?? {}).map(([name, value]) => [
        name,
        {
          ...(value.StringValue === undefined ? {} : { stringValue: value.StringValue }),
          ...(value.BinaryValue === undefined ? {} : { binaryValue: value.BinaryValue }),
          stringListValues: [],
          binaryListValues: [],
          dataType: value.DataType,
        },
      ]),
    ),
    ...(message.MD5OfMessageAttributes === undefined ? {} : { md5OfMessageAttributes: message.MD5OfMessageAttributes }),
    md5OfBody: message.MD5OfBody,
    eventSource: 'aws:sqs',
    eventSourceARN: queue.arn,
    awsRegion: region,
  };
}

function attributesOf({ ReceiptHandle }: ReceivedMessage, { inflightMessages }: RunningQueue) {
  const stored = inflightMessages.get(ReceiptHandle)?.message;
  if (stored === undefined) return {};
  const { messageGroupId, messageDeduplicationId, sequenceNumber } = stored;
  return {
    ApproximateReceiveCount: String(stored.approximateReceiveCount),
    SentTimestamp: String(stored.sentTimestamp),
    ...(sequenceNumber === undefined ? {} : { SequenceNumber: sequenceNumber }),
    ...(messageGroupId === undefined ? {} : { MessageGroupId: messageGroupId }),
    SenderId: SENDER,
    ...(messageDeduplicationId === undefined ? {} : { MessageDeduplicationId: messageDeduplicationId }),
    ApproximateFirstReceiveTimestamp: String(stored.approximateFirstReceiveTimestamp ?? stored.sentTimestamp),
  };
}
