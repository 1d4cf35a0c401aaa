import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createPublisher, type Publisher } from '@distributary/server';
import type { Topics } from '../page/answers.ts';

/** The facts that the app on this machine states of itself. */
interface RuntimeInfo {
  readonly region: string;
  readonly endpoints: { readonly dynamodb: string };
  readonly outputs: Readonly<Record<string, string>>;
}

/** A publisher, and the URL at which clients connect. */
export interface OpenBackEnd {
  readonly publisher: Publisher<Topics>;
  readonly url: string;
}

/**
 * Opens a publisher to the app that runs at a page's address. For a deployed stack `createPublisher` needs the names of
 * the two tables only: the outputs LiveTopicsTable and LiveKeysTable, or `live.bindPublisher(fn)` for a Lambda.
 */
export async function openPublisher(page: string): Promise<OpenBackEnd> {
  const response = await fetch(new URL('/_runtime', page));
  const info = await (response.json() as Promise<RuntimeInfo>);
  const { region, endpoints, outputs } = info;
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const client = new DynamoDBClient({ region, endpoint: endpoints.dynamodb, credentials });
  const [topicsTable = '', keysTable = ''] = [outputs['LiveTopicsTable'], outputs['LiveKeysTable']];
  const publisher = createPublisher<Topics>({ topicsTable, keysTable, client });
  return { publisher, url: outputs['LiveWebSocketUrl'] ?? '' };
}
