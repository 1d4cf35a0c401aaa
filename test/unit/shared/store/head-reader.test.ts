import { type BatchGetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { STORE_BOUNDS } from '../../../../shared/store/bounds.ts';
import { createHeadReader } from '../../../../shared/store/head-reader.ts';
import { openTopics, startStoreEngine, type StoreEngine } from '../../../helpers/store-engine.ts';
import { TABLE_NAMES } from '../../../helpers/tables.ts';

describe('the head reader', () => {
  let engine: StoreEngine;
  /** The keys of each call, in order. */
  const calls: string[][] = [];

  beforeAll(async () => {
    engine = await startStoreEngine();
    engine.client.middlewareStack.add(
      (next, { commandName }) =>
        (args) => {
          const { RequestItems } = args.input as BatchGetItemCommand['input'];
          if (commandName === 'BatchGetItemCommand') {
            const keys = RequestItems?.[TABLE_NAMES.topics]?.Keys ?? [];
            calls.push(keys.map(({ topic }) => topic?.S ?? ''));
          }
          return next(args);
        },
      { step: 'initialize', priority: 'high', name: 'calls' },
    );
  });

  afterAll(() => engine.stop());

  beforeEach(() => calls.splice(0));

  const open = () => createHeadReader({ client: engine.client, table: TABLE_NAMES.topics });

  it('reads the heads of one turn by one call, each once', async () => {
    await openTopics(engine).publish({ topic: 'a', messages: ['1'] });
    await openTopics(engine).increment({ topic: 'counter:b', delta: 2 });
    const read = open();

    const heads = await Promise.all(['a', 'counter:b', 'none', 'a'].map(read));

    expect(heads).toMatchObject([{ seq: 1 }, { value: 2 }, undefined, { seq: 1 }]);
    expect(calls.map((keys) => new Set(keys))).toEqual([new Set(['a', 'counter:b', 'none'])]);
    expect(calls.flat()).toHaveLength(3);
  });

  it('reads a head anew for each turn, as it is after the call', async () => {
    const read = open();
    await openTopics(engine).publish({ topic: 'moving', messages: ['1'] });
    const before = await read('moving');
    await openTopics(engine).publish({ topic: 'moving', messages: ['2'] });

    expect([before, await read('moving')]).toMatchObject([{ seq: 1 }, { seq: 2 }]);
  });

  it('takes several calls for more heads than DynamoDB reads at once', async () => {
    const topics = Array.from({ length: STORE_BOUNDS.BATCH_GET_ITEMS + 1 }, (_, index) => `many-${index}`);
    await openTopics(engine).publish({ topic: 'many-100', messages: ['1'] });

    const heads = await Promise.all(topics.map(open()));

    expect(calls.map(({ length }) => length)).toEqual([STORE_BOUNDS.BATCH_GET_ITEMS, 1]);
    expect(heads.filter((head) => head !== undefined)).toMatchObject([{ topic: 'many-100' }]);
  });

  it('fails for a topic whose item is malformed, and for no other of its turn', async () => {
    await openTopics(engine).publish({ topic: 'sound', messages: ['1'] });
    const Item = { topic: { S: 'malformed' }, seq: { N: '1' } };
    await engine.client.send(new PutItemCommand({ TableName: TABLE_NAMES.topics, Item }));

    const [malformed, sound] = await Promise.allSettled(['malformed', 'sound'].map(open()));

    expect(malformed).toMatchObject({ status: 'rejected' });
    expect(sound).toMatchObject({ status: 'fulfilled', value: { seq: 1 } });
  });

  it('reads what DynamoDB left unprocessed again, and gives up within a bound', async () => {
    await openTopics(engine).publish({ topic: 'left', messages: ['1'] });
    let refusals = 1;
    engine.client.middlewareStack.add(
      (next) => async (args) => {
        const { RequestItems } = args.input as BatchGetItemCommand['input'];
        if (refusals-- <= 0 || RequestItems === undefined) return next(args);
        return { response: undefined, output: { $metadata: {}, Responses: {}, UnprocessedKeys: RequestItems } };
      },
      { step: 'initialize', name: 'unprocessed' },
    );

    expect(await open()('left')).toMatchObject({ seq: 1 });
    refusals = Infinity;
    await expect(open()('left')).rejects.toThrow('could not be read');
    expect(calls).toHaveLength(2 + STORE_BOUNDS.BATCH_GET_ATTEMPTS);
    engine.client.middlewareStack.remove('unprocessed');
  });
});
