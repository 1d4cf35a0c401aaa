import { QueryCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { connect, type Realtime } from '../../client/src/index.ts';
import { collect } from '../helpers/collect.ts';
import { unusedName } from '../helpers/contract-target.ts';
import { type RuntimeBench, startBench } from '../helpers/runtime-in-process.ts';
import { eventually } from '../helpers/eventually.ts';
import { killBusy } from '../helpers/kill-busy.ts';
import { REQUEST_TIMEOUT_MS } from '../helpers/patience.ts';

/** Shorter than anybody waits in a test; the server's own limit stays ten minutes. */
const IDLE_MS = 1_500;

describe('a client whose server fails', () => {
  let bench: RuntimeBench;
  const clients: Realtime[] = [];
  const posted: string[] = [];
  let gone: string | undefined;

  beforeEach(async () => {
    bench = await startBench({
      interceptCallback: ({ connectionId }) => {
        posted.push(connectionId);
        return connectionId === gone ? { statusCode: 410, errorType: 'GoneException' } : undefined;
      },
    });
  });

  afterEach(async () => {
    for (const rt of clients.splice(0)) rt.close();
    posted.splice(0);
    gone = undefined;
    await bench.stop();
  });

  const open = (options: Parameters<typeof connect>[1] = {}): Realtime => {
    const rt = connect(bench.runtime.url, { requestTimeoutMs: REQUEST_TIMEOUT_MS, ...options });
    clients.push(rt);
    return rt;
  };

  /** Subscribes, and finds out what the server calls the connection. */
  async function listen(topic: string) {
    const rt = open({ idleMs: IDLE_MS });
    const listener = collect(rt.subscribe(topic));
    const votes = rt.counter(topic);
    await eventually(() => listener.subscription.state === 'live' && votes.state === 'live', 'subscribed');
    return { rt, votes, ...listener, connectionId: posted[0] ?? '' };
  }

  async function recordsOf(connectionId: string): Promise<string[]> {
    const { Items = [] } = await bench.dynamodb.send(
      new QueryCommand({
        TableName: bench.output('SubscriptionsTable'),
        KeyConditionExpression: 'connectionId = :id',
        ExpressionAttributeValues: { ':id': { S: connectionId } },
        ConsistentRead: true,
      }),
    );
    return Items.map(({ topic }) => topic?.S ?? '');
  }

  /** Backdates the connection: only for an old one does a 410 mean that it is gone. */
  async function makeOld(connectionId: string): Promise<void> {
    for (const topic of await recordsOf(connectionId)) {
      await bench.dynamodb.send(
        new UpdateItemCommand({
          TableName: bench.output('SubscriptionsTable'),
          Key: { connectionId: { S: connectionId }, topic: { S: topic } },
          UpdateExpression: 'SET connectedAt = :then',
          ExpressionAttributeValues: { ':then': { N: String(Date.now() - 60_000) } },
        }),
      );
    }
  }

  it('has everything, once and in order, though it was taken for gone and its subscriptions were deleted', async () => {
    const topic = unusedName('gone');
    const listener = await listen(topic);
    const publisher = open();
    await publisher.publish(topic, 'before');
    await eventually(() => expect(listener.seqs).toHaveLength(1), 'the first has come');
    await makeOld(listener.connectionId);

    gone = listener.connectionId;
    await publisher.publish(topic, 'refused');
    await eventually(async () => !(await recordsOf(listener.connectionId)).includes(topic), 'its records are deleted');
    gone = undefined;
    await publisher.publish(topic, 'unheard');
    const value = await publisher.counter(topic).increment(5);
    await eventually(() => listener.seqs.length === 3 && listener.votes.value === value, 'it has found out');
    await publisher.publish(topic, 'after');
    await eventually(() => expect(listener.seqs).toHaveLength(4), 'it is subscribed again');

    expect(listener.data).toEqual(['before', 'refused', 'unheard', 'after']);
    expect([listener.gaps, listener.rt.status]).toEqual([[], 'online']);
  });

  it('publishes once, and waits for no timeout, though the workers that do it are killed', async () => {
    const topic = unusedName('killed');
    const publisher = open();
    await publisher.publish(topic, 'first');
    // With a key, a publish travels alone; the others are gathered.
    const published = Array.from({ length: 60 }, (_, index) =>
      publisher.publish(topic, index, index % 6 === 0 ? {} : { key: `${index}` }),
    );
    const killed = new Set<number>();
    await eventually(() => {
      killBusy(bench.runtime, 'Publish', killed);
      return killed.size === 2;
    }, 'two are killed');

    const seqs = (await Promise.all(published)).map(({ seq }) => seq);

    expect(seqs.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 60 }, (_, index) => index + 2));
  });
});
