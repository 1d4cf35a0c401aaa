import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { batchWrite } from '../../../shared/store/batch-write.ts';
import { STORE_BOUNDS } from '../../../shared/store/bounds.ts';
import { createShardDirectory } from '../../../shared/store/shard-directory.ts';
import { subscriptionItem } from '../../../shared/store/subscription-record.ts';
import { growTopic } from '../../../shared/store/topic-shards.ts';
import { type FanoutStage, invokeStream, startFanoutStage } from '../../helpers/fanout-stage.ts';
import { type HttpServer, startHttpServer } from '../../helpers/http-server.ts';
import { CONNECTED_AT, lambdaContext } from '../../helpers/lambda-events.ts';
import { openTopics } from '../../helpers/store-engine.ts';
import { TABLE_NAMES } from '../../helpers/tables.ts';

describe('the broadcast Lambda and its workers', () => {
  let stage: FanoutStage;
  let lambda: HttpServer;

  beforeAll(async () => {
    stage = await startFanoutStage();
    // A stand-in for Lambda's API that runs the worker's handler.
    lambda = await startHttpServer(({ body }, response) => {
      void work(JSON.parse(body)).then(
        (answer) => response.writeHead(200).end(JSON.stringify(answer)),
        (error: unknown) => response.writeHead(200, { 'x-amz-function-error': 'Unhandled' }).end(String(error)),
      );
    });
    process.env['AWS_ENDPOINT_URL_LAMBDA'] = lambda.url;
  });

  afterAll(async () => {
    await lambda.close();
    await stage.close();
  });

  async function work(task: object): Promise<unknown> {
    const { handler } = await import('../../../handlers/shard-worker.ts');
    return (handler as unknown as (event: object, context: object) => Promise<unknown>)(task, lambdaContext);
  }

  /** Passes all new records of the stream of Topics to the Lambda. */
  async function run(): Promise<string[]> {
    const { handler } = await import('../../../handlers/broadcast.ts');
    return invokeStream(handler, await stage.newRecords(TABLE_NAMES.topics));
  }

  async function subscribe(topic: string, counts: readonly number[]): Promise<void> {
    const items = counts.flatMap((count, shard) =>
      Array.from({ length: count }, (_, i) => {
        const connection = { connectionId: `${topic}-${shard}-${i}=`, connectedAt: CONNECTED_AT };
        return subscriptionItem(connection, { topic, shard }, 'request');
      }),
    );
    const requests = items.map((Item) => ({ PutRequest: { Item } }));
    await batchWrite(stage.engine.client, TABLE_NAMES.subscriptions, requests);
  }

  const receiversOf = (topic: string) => [...stage.received.keys()].filter((id) => id.startsWith(`${topic}-`));
  const shardsOf = async (topic: string) => {
    const Key = { topic: { S: topic } };
    const { Item } = await stage.engine.client.send(new GetItemCommand({ TableName: TABLE_NAMES.topics, Key }));
    return Number(Item?.['shards']?.N ?? 1);
  };

  it('deliver to each shard of a topic', async () => {
    const topics = openTopics(stage.engine);
    const deps = {
      client: stage.engine.client,
      topicsTable: TABLE_NAMES.topics,
      subscriptionsTable: TABLE_NAMES.subscriptions,
      now: Date.now,
    };
    await growTopic(deps, 'sharded', 4);
    await subscribe('sharded', [3, 0, 2, 1]);
    await topics.publish({ topic: 'sharded', messages: ['"all"'] });

    const failures = await run();

    expect(failures).toEqual([]);
    expect(receiversOf('sharded')).toHaveLength(6);
    expect(lambda.requests.map(({ body }) => JSON.parse(body).shard as number).toSorted((a, b) => a - b)).toEqual([
      0, 1, 2, 3,
    ]);
  });

  it('grow a topic with too many subscribers, enter it in the shard directory, and deliver to twice the shards', async () => {
    const topics = openTopics(stage.engine);
    const routes = createShardDirectory({
      client: stage.engine.client,
      table: TABLE_NAMES.subscriptions,
      now: Date.now,
    });
    const many = STORE_BOUNDS.SHARD_SUBSCRIPTIONS + 1;
    await subscribe('crowd', [many]);
    await topics.publish({ topic: 'crowd', messages: ['1'] });
    lambda.requests.length = 0;

    const first = await run();
    const grown = [await shardsOf('crowd'), await routes('crowd')];
    await topics.publish({ topic: 'crowd', messages: ['2'] });
    const second = await run();

    expect([first, second]).toEqual([[], []]);
    expect(grown).toEqual([2, 2]);
    expect(await shardsOf('crowd')).toBe(2);
    // A shard that is not done in time is invoked again: on a busy machine more than once.
    expect(new Set(lambda.requests.map(({ body }) => JSON.parse(body).shard as number))).toEqual(new Set([0, 1]));
    // A connection that did not answer in time may get a message twice.
    const got = receiversOf('crowd').map(
      (id) => new Set(stage.received.get(id)?.map((frame) => JSON.stringify(frame))).size,
    );
    expect(got).toEqual(Array.from({ length: many }, () => 2));
  });
});
