import { GetItemCommand, type WriteRequest } from '@aws-sdk/client-dynamodb';
import { STORE_BOUNDS } from '../../../../shared/store/bounds.ts';
import {
  type ArchivedMessage,
  archiveMessages,
  listMessages,
  type MessageRange,
} from '../../../../shared/store/messages.ts';
import { intercept } from '../../../helpers/intercept.ts';
import { startStoreEngine, type StoreEngine } from '../../../helpers/store-engine.ts';
import { TABLE_NAMES } from '../../../helpers/tables.ts';

const table = TABLE_NAMES.messages;
const RETENTION_SECONDS = 3_600;
const publishedAt = Date.UTC(2026, 10, 20, 12, 0, 0, 999);

const messageOf = (topic: string, seq: number, epoch = 'e1'): ArchivedMessage => ({
  topic,
  epoch,
  seq,
  message: `{"n":${seq}}`,
  publishedAt,
});
const run = (topic: string, [from, to]: readonly [number, number], epoch = 'e1') =>
  Array.from({ length: to - from + 1 }, (_, i) => messageOf(topic, from + i, epoch));

describe('the archive', () => {
  let engine: StoreEngine;

  beforeAll(async () => {
    engine = await startStoreEngine();
  });

  afterAll(() => engine.stop());

  const deps = () => ({ client: engine.client, table });
  const list = (range: Omit<MessageRange, 'bytes'>, bytes = Infinity) => listMessages(deps(), { ...range, bytes });
  const archive = (messages: readonly ArchivedMessage[]) => archiveMessages(deps(), messages, () => RETENTION_SECONDS);

  it('keeps more messages than one call takes, and lists them in the order of seq', async () => {
    const messages = run('many', [1, 120]);

    const left = await archive(messages.toReversed());
    const listed = await list({ topic: 'many', epoch: 'e1', fromSeq: 1, toSeq: 120 });

    expect(left).toEqual([]);
    expect(listed).toEqual(messages);
  });

  it('takes the same messages again without a change', async () => {
    const messages = [...run('twice', [1, 3]), { ...messageOf('twice', 4), exclude: 'C1=', from: 'ann' }];
    await archive(messages);

    await archive(messages);

    expect(await list({ topic: 'twice', epoch: 'e1', fromSeq: 1, toSeq: 9 })).toEqual(messages);
  });

  it.each([
    [3, 5, [3, 4, 5]],
    [5, 5, [5]],
    [6, 5, []],
    [8, 99, [8, 9]],
    [11, 99, []],
  ])('lists the range %i to %i, both included', async (fromSeq, toSeq, seqs) => {
    await archive(run('ranged', [1, 9]));

    const listed = await list({ topic: 'ranged', epoch: 'e1', fromSeq, toSeq });

    expect(listed.map(({ seq }) => seq)).toEqual(seqs);
  });

  it.each([
    [0, [1]],
    // Each has 7.
    [6, [1]],
    [7, [1, 2]],
    [20, [1, 2, 3]],
    [21, [1, 2, 3, 4]],
  ])('ends with the message that makes it more than %i bytes, so that this shows', async (bytes, seqs) => {
    await archive(run('bytes', [1, 9]));

    const listed = await list({ topic: 'bytes', epoch: 'e1', fromSeq: 1, toSeq: 9 }, bytes);

    expect(listed.map(({ seq }) => seq)).toEqual(seqs);
  });

  it('lists only messages of the epoch that was asked for', async () => {
    await archive(run('lives', [1, 5], 'old'));
    await archive(run('lives', [1, 2], 'new'));

    const range = { topic: 'lives', fromSeq: 1, toSeq: 9 };
    const [older, newer] = await Promise.all(['old', 'new'].map((epoch) => list({ ...range, epoch })));

    expect([older?.map(({ seq }) => seq), newer?.map(({ seq }) => seq)]).toEqual([
      [3, 4, 5],
      [1, 2],
    ]);
  });

  it('takes two lives of a topic in one call, and keeps the later', async () => {
    const left = await archive([...run('relived', [1, 3], 'old'), ...run('relived', [1, 2], 'new')]);

    expect(left).toEqual([]);
    const listed = await list({ topic: 'relived', epoch: 'new', fromSeq: 1, toSeq: 9 });
    expect(listed.map(({ seq }) => seq)).toEqual([1, 2]);
  });

  it('lets messages expire after the retention', async () => {
    await archive([messageOf('expiring', 1)]);

    const Key = { topic: { S: 'expiring' }, seq: { N: '1' } };
    const { Item } = await engine.client.send(new GetItemCommand({ TableName: table, Key }));

    expect(Item?.['expiresAt']?.N).toBe(String(Math.floor(publishedAt / 1_000) + RETENTION_SECONDS));
  });

  it('keeps a topic’s messages for the time of that topic, and none of a topic that keeps none', async () => {
    const retentionOf = (topic: string) => ({ long: 7_200, state: undefined })[topic];
    const messages = [messageOf('long', 1), messageOf('state', 1)];

    expect(await archiveMessages(deps(), messages, retentionOf)).toEqual([]);

    const Key = { topic: { S: 'long' }, seq: { N: '1' } };
    const { Item } = await engine.client.send(new GetItemCommand({ TableName: table, Key }));
    expect(Item?.['expiresAt']?.N).toBe(String(Math.floor(publishedAt / 1_000) + 7_200));
    expect(await list({ topic: 'state', epoch: 'e1', fromSeq: 1, toSeq: 9 })).toEqual([]);
  });

  /** A client of which each call leaves its last item unprocessed, as often as `times` says. */
  function leavingClient(times: number) {
    const client = engine.newClient();
    const calls: number[] = [];
    intercept(client, async ({ input, proceed }) => {
      const requests = (input['RequestItems'] as Record<string, WriteRequest[]>)[table] ?? [];
      calls.push(requests.length);
      if (calls.length > times) return proceed();
      const taken = requests.slice(0, -1);
      if (taken.length > 0) await proceed({ RequestItems: { [table]: taken } });
      return { UnprocessedItems: { [table]: requests.slice(-1) } };
    });
    return { client, calls };
  }

  it('writes again what was left unprocessed, and only that', async () => {
    const { client, calls } = leavingClient(2);

    const left = await archiveMessages({ client, table }, run('left', [1, 10]), () => RETENTION_SECONDS);

    expect(left).toEqual([]);
    expect(calls).toEqual([10, 1, 1]);
    const listed = await list({ topic: 'left', epoch: 'e1', fromSeq: 1, toSeq: 10 });
    expect(listed).toHaveLength(10);
  });

  it('gives up at its bound, and names what is not written', async () => {
    const { client, calls } = leavingClient(Infinity);

    const left = await archiveMessages({ client, table }, run('stuck', [1, 3]), () => RETENTION_SECONDS);

    expect(left).toEqual([{ topic: 'stuck', seq: 3 }]);
    expect(calls).toHaveLength(STORE_BOUNDS.BATCH_WRITE_ATTEMPTS);
  });

  it('rejects when a call fails', async () => {
    const client = engine.newClient();
    intercept(client, () => Promise.reject(new Error('engine down')));

    await expect(archiveMessages({ client, table }, run('down', [1, 1]), () => RETENTION_SECONDS)).rejects.toThrow(
      'engine down',
    );
  });

  it('lists every page to the end', async () => {
    await archive(run('paged', [1, 30]));
    const client = engine.newClient();
    intercept(client, ({ input, proceed }) => proceed({ ...input, Limit: 7 }));

    const listed = await listMessages(
      { client, table },
      { topic: 'paged', epoch: 'e1', fromSeq: 1, toSeq: 30, bytes: Infinity },
    );

    expect(listed.map(({ seq }) => seq)).toEqual(Array.from({ length: 30 }, (_, i) => i + 1));
  });
});
