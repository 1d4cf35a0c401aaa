import type { DynamoDBBatchResponse } from 'aws-lambda';
import type { LambdaRecord } from '../../local/streams/stream-record.ts';
import { createSubscriptionStore } from '../../shared/store/subscriptions.ts';
import { type HttpServer, startHttpServer } from './http-server.ts';
import { setLambdaEnvironment } from './lambda-environment.ts';
import { CONNECTED_AT, lambdaContext } from './lambda-events.ts';
import { readStream } from './read-stream.ts';
import { startStoreEngine, type StoreEngine } from './store-engine.ts';
import { TABLE_NAMES } from './tables.ts';

export interface FanoutStage {
  readonly engine: StoreEngine;
  /** The frames that each connection got, parsed. */
  readonly received: Map<string, unknown[]>;
  /** HTTP status for all posts to a connection, and for closing it; 200 for others; 0: they are never answered. */
  readonly statuses: Map<string, number>;
  /** The connections that were closed by @connections, in order. */
  readonly closed: string[];
  readonly subscribe: (connectionId: string, topic: string, connectedAt?: number) => Promise<void>;
  /** The records of a stream that no earlier call returned. */
  readonly newRecords: (table: string) => Promise<LambdaRecord[]>;
  readonly close: () => Promise<void>;
}

/** A real engine and a real callback endpoint, with the environment of a Lambda that knows both. */
export async function startFanoutStage(): Promise<FanoutStage> {
  const engine = await startStoreEngine();
  const received = new Map<string, unknown[]>();
  const statuses = new Map<string, number>();
  const closed: string[] = [];
  const callback: HttpServer = await startHttpServer(({ method, path, body }, response) => {
    const connectionId = decodeURIComponent(path.slice('/live/@connections/'.length));
    const status = statuses.get(connectionId) ?? 200;
    if (method === 'DELETE' && status === 200) {
      closed.push(connectionId);
      response.writeHead(204).end();
      return;
    }
    if (status === 200) received.set(connectionId, [...(received.get(connectionId) ?? []), JSON.parse(body)]);
    if (status !== 0) response.writeHead(status).end();
  });
  const restore = setLambdaEnvironment({ dynamodb: engine.endpoint, callback: `${callback.url}/live` });
  const seen = new Map<string, number>();
  let requests = 0;
  const store = createSubscriptionStore({
    client: engine.client,
    table: TABLE_NAMES.subscriptions,
    requestId: () => `request-${(requests += 1)}`,
    shardsOf: async () => 1,
  });
  return {
    engine,
    received,
    statuses,
    closed,
    subscribe: (connectionId, topic, connectedAt = CONNECTED_AT) =>
      store.subscribe({ connectionId, connectedAt }, { topic }),
    newRecords: async (table) => {
      const all = await readStream(engine, table);
      const fresh = all.slice(seen.get(table) ?? 0);
      seen.set(table, all.length);
      return fresh;
    },
    close: async () => {
      restore();
      await callback.close();
      await engine.stop();
    },
  };
}

/** Invokes a stream's Lambda; resolves to the numbers of the records that failed. */
export async function invokeStream(handler: unknown, Records: readonly unknown[]): Promise<string[]> {
  const invoke = handler as (event: object, context: object) => Promise<DynamoDBBatchResponse>;
  const { batchItemFailures } = await invoke({ Records }, lambdaContext);
  return batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
}
