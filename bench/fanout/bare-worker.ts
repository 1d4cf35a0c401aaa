import { setTimeout as sleep } from 'node:timers/promises';
import { type PreparedFrame, prepareFrame } from '../../shared/post/prepared-frames.ts';
import { runBounded } from '../../shared/run-bounded.ts';
import { monotonicMs } from '../harness/clock.ts';
import { nowUs, stamped } from '../load/stamped.ts';
import { serve } from '../processes/serve.ts';
import { type BareRecord, type CallDynamodb, openBarePost, openDynamodb } from './bare-calls.ts';
import { BARE_TABLES } from './bare-application.ts';
import { POST_CONCURRENCY } from '../../shared/post/post.ts';

/** Records in one GetRecords: as many as one invocation of ours receives. */
const BATCH_RECORDS = 100;
/** DynamoDB's limit for one BatchWriteItem. */
const WRITES_PER_CALL = 25;
const MS_PER_SECOND = 1_000;

/**
 * The state of the bare pipeline: UpdateItem, GetRecords, a Query of the index and signed posts in this one process.
 * The process publishes too, and polls only while it knows of an unread write, so nothing on the same engine could be
 * faster.
 */
interface Pipeline {
  readonly dynamodb: CallDynamodb;
  readonly post: ReturnType<typeof openBarePost>;
  iterator: string;
  written: number;
  read: number;
  /** Called after each batch, when all of it is delivered. */
  onBatch: () => void;
  wake: () => void;
}

let pipeline: Pipeline | undefined;

const commands = {
  start: async ({ dynamodbUrl, callbackUrl }: { dynamodbUrl: string; callbackUrl: string }): Promise<void> => {
    const dynamodb = openDynamodb(dynamodbUrl);
    const iterator = await openIterator(dynamodb);
    const nothing = (): void => undefined;
    pipeline = {
      dynamodb,
      post: openBarePost(callbackUrl),
      iterator,
      written: 0,
      read: 0,
      onBatch: nothing,
      wake: nothing,
    };
    void poll(pipeline);
  },
  subscribe: async ({ topic, connectionIds }: { topic: string; connectionIds: readonly string[] }): Promise<void> => {
    const { dynamodb } = started();
    for (let from = 0; from < connectionIds.length; from += WRITES_PER_CALL) {
      const writes = connectionIds.slice(from, from + WRITES_PER_CALL).map((connectionId) => ({
        PutRequest: {
          Item: { connectionId: { S: connectionId }, topic: { S: topic }, topicShard: { S: `${topic}#0` } },
        },
      }));
      await dynamodb('BatchWriteItem', { RequestItems: { [BARE_TABLES.subscriptions]: writes } });
    }
  },
  publish: async ({ topic }: { topic: string }): Promise<void> => publish(started(), topic),
  pace: async ({
    topic,
    perSecond,
    messages,
  }: {
    topic: string;
    perSecond: number;
    messages: number;
  }): Promise<void> => {
    const beganMs = monotonicMs();
    for (let sent = 0; sent < messages; sent++) {
      const waitMs = beganMs + (sent * MS_PER_SECOND) / perSecond - monotonicMs();
      if (waitMs > 0) await sleep(waitMs);
      void publish(started(), topic);
    }
  },
  saturate: async ({
    topic,
    window,
    durationMs,
  }: {
    topic: string;
    window: number;
    durationMs: number;
  }): Promise<number> => {
    const running = started();
    const before = running.read;
    let sent = 0;
    const pump = (): void => {
      while (sent - (running.read - before) < window) {
        void publish(running, topic);
        sent++;
      }
    };
    running.onBatch = pump;
    pump();
    await sleep(durationMs);
    running.onBatch = () => undefined;
    return sent;
  },
};

/** The commands of this worker. */
export type BareCommands = typeof commands;

serve(commands);

function started(): Pipeline {
  if (pipeline === undefined) throw new Error('The pipeline was not started.');
  return pipeline;
}

async function openIterator(dynamodb: CallDynamodb): Promise<string> {
  const { Streams } = await dynamodb('ListStreams', { TableName: BARE_TABLES.topics });
  const StreamArn = Streams[0]?.StreamArn;
  const { StreamDescription } = await dynamodb('DescribeStream', { StreamArn });
  const ShardId = StreamDescription.Shards[0]?.ShardId;
  const opened = await dynamodb('GetShardIterator', { StreamArn, ShardId, ShardIteratorType: 'TRIM_HORIZON' });
  return opened.ShardIterator;
}

/** Publishes a message with the one atomic write of shared/store/topics.ts. */
async function publish(running: Pipeline, topic: string): Promise<void> {
  const message = stamped(nowUs());
  await running.dynamodb('UpdateItem', {
    TableName: BARE_TABLES.topics,
    Key: { topic: { S: topic } },
    UpdateExpression: 'ADD seq :one SET #epoch = if_not_exists(#epoch, :epoch), #message = :message, #at = :at',
    ExpressionAttributeNames: { '#epoch': 'epoch', '#message': 'message', '#at': 'publishedAt' },
    ExpressionAttributeValues: {
      ':one': { N: '1' },
      ':epoch': { S: 'bare' },
      ':message': { S: message },
      ':at': { N: String(Date.now()) },
    },
    ReturnValues: 'UPDATED_NEW',
  });
  running.written++;
  running.wake();
}

async function poll(running: Pipeline): Promise<never> {
  for (;;) {
    if (running.read >= running.written) {
      await new Promise<void>((resolve) => {
        running.wake = resolve;
      });
    }
    const answer = await running.dynamodb('GetRecords', { ShardIterator: running.iterator, Limit: BATCH_RECORDS });
    running.iterator = answer.NextShardIterator;
    await deliver(running, answer.Records);
    running.read += answer.Records.length;
    if (answer.Records.length > 0) running.onBatch();
  }
}

/** Delivers records: connections in parallel within our bound, the frames of one connection in sequence. */
async function deliver(running: Pipeline, records: readonly BareRecord[]): Promise<void> {
  const subscribers = new Map<string, readonly string[]>();
  const due = new Map<string, PreparedFrame[]>();
  for (const { dynamodb } of records) {
    const topic = dynamodb.NewImage['topic']?.S ?? '';
    const listed = subscribers.get(topic) ?? (await listSubscribers(running, topic));
    subscribers.set(topic, listed);
    const frame = prepareFrame(encode(dynamodb.NewImage));
    for (const connectionId of listed) {
      const frames = due.get(connectionId);
      if (frames === undefined) due.set(connectionId, [frame]);
      else frames.push(frame);
    }
  }
  await runBounded([...due], POST_CONCURRENCY, async ([connectionId, frames]) => {
    for (const frame of frames) await running.post(connectionId, frame);
  });
}

async function listSubscribers({ dynamodb }: Pipeline, topic: string): Promise<string[]> {
  const found: string[] = [];
  let from: object = {};
  for (;;) {
    const page = await dynamodb('Query', {
      TableName: BARE_TABLES.subscriptions,
      IndexName: 'byTopic',
      KeyConditionExpression: 'topicShard = :shard',
      ExpressionAttributeValues: { ':shard': { S: `${topic}#0` } },
      ...from,
    });
    found.push(...page.Items.map(({ connectionId }) => connectionId.S));
    if (page.LastEvaluatedKey === undefined) return found;
    from = { ExclusiveStartKey: page.LastEvaluatedKey };
  }
}

/** Returns the frame of docs/protocol.md. */
function encode(image: BareRecord['dynamodb']['NewImage']): string {
  const publishedAt = new Date(Number(image['publishedAt']?.N)).toISOString();
  const [topic, epoch, seq] = [image['topic']?.S, image['epoch']?.S, Number(image['seq']?.N)];
  const envelope = JSON.stringify({ type: 'message', topic, epoch, seq, publishedAt });
  return `${envelope.slice(0, -1)},"data":${image['message']?.S}}`;
}
