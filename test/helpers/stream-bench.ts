import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateTableCommand, DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import type { InvocationResult, EventSourceMappingModel } from '../../local/model.ts';
import { type CheckpointStore, createMemoryCheckpoints } from '../../local/streams/checkpoints.ts';
import {
  type MappingOptions,
  type RunningMapping,
  startEventSourceMapping,
} from '../../local/streams/event-source-mapping.ts';
import type { LambdaRecord } from '../../local/streams/stream-record.ts';
import { type Dynoxide, engineClientOptions, startDynoxide } from './dynoxide.ts';
import { makeMapping, makeTerminal, recordsOf, success } from './mapping-fixtures.ts';

export const TABLE = 'Topics';

/** An engine with one table, and what a test opened against it. */
export class StreamBench {
  readonly terminal = makeTerminal();
  readonly delivered: LambdaRecord[] = [];
  readonly folder: string;
  engine: Dynoxide;
  streamArn = '';
  readonly #clients: { destroy: () => void }[] = [];
  readonly #mappings: RunningMapping[] = [];

  constructor(folder: string, engine: Dynoxide) {
    this.folder = folder;
    this.engine = engine;
  }

  static async start(): Promise<StreamBench> {
    const folder = await mkdtemp(join(tmpdir(), 'streams-'));
    const bench = new StreamBench(folder, await startDynoxide({ databaseFile: join(folder, 'engine.db') }));
    const created = await bench.dynamo().send(
      new CreateTableCommand({
        TableName: TABLE,
        AttributeDefinitions: [{ AttributeName: 'topic', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'topic', KeyType: 'HASH' }],
        BillingMode: 'PAY_PER_REQUEST',
        StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
      }),
    );
    bench.streamArn = created.TableDescription?.LatestStreamArn ?? '';
    return bench;
  }

  dynamo(): DynamoDBClient {
    return this.#track(new DynamoDBClient(engineClientOptions(this.engine)));
  }

  async put(item: string, value: string): Promise<void> {
    const client = this.dynamo();
    await client.send(new PutItemCommand({ TableName: TABLE, Item: { topic: { S: item }, value: { S: value } } }));
  }

  /** Puts an item that the SDK cannot send, such as one with the attribute `__proto__`. */
  async putJson(item: string): Promise<void> {
    const response = await fetch(this.engine.endpoint, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/x-amz-json-1.0',
        'X-Amz-Target': 'DynamoDB_20120810.PutItem',
        'X-Amz-Date': '20261120T000000Z',
        Authorization:
          'AWS4-HMAC-SHA256 Credential=test/20261120/eu-central-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0',
      },
      body: `{"TableName":"${TABLE}","Item":${item}}`,
    });
    if (!response.ok) throw new Error(await response.text());
  }

  startMapping(
    mapping: Partial<EventSourceMappingModel> = {},
    options: {
      answer?: (records: readonly LambdaRecord[]) => InvocationResult | Promise<InvocationResult>;
      checkpoints?: CheckpointStore;
      wasExpired?: (tableName: string, keys: unknown) => boolean;
      streamViewType?: MappingOptions['streamViewType'];
    } = {},
  ): RunningMapping {
    const answer = options.answer ?? (() => success());
    const started = startEventSourceMapping(
      {
        mapping: makeMapping(mapping),
        functionName: 'broadcast',
        tableName: TABLE,
        engineStreamArn: this.streamArn,
        streamViewType: options.streamViewType,
        region: 'eu-central-1',
      },
      {
        streams: this.#track(new DynamoDBStreamsClient(engineClientOptions(this.engine))),
        invoke: async (_arn, event) => {
          const result = await answer(recordsOf(event));
          if (result.outcome === 'success') this.delivered.push(...recordsOf(event));
          return result;
        },
        putFailure: () => Promise.reject(new Error('no bucket here')),
        terminal: this.terminal,
        wasExpired: options.wasExpired ?? (() => false),
        checkpoints: options.checkpoints ?? createMemoryCheckpoints(),
      },
    );
    this.#mappings.push(started);
    return started;
  }

  values(): (string | undefined)[] {
    return this.delivered.map((record) => String(record.dynamodb.NewImage?.['value']?.['S']));
  }

  async stop(): Promise<void> {
    await Promise.all(this.#mappings.map((mapping) => mapping.stop()));
    for (const client of this.#clients) client.destroy();
    await this.engine.kill();
    await rm(this.folder, { recursive: true });
  }

  #track<T extends { destroy: () => void }>(client: T): T {
    this.#clients.push(client);
    return client;
  }
}
