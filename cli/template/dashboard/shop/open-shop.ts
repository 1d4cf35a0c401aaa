import { DynamoDBClient } from '@aws-sdk/client-dynamodb';

/** The facts that the app on this machine states of itself. */
interface RuntimeInfo {
  readonly region: string;
  readonly endpoints: { readonly dynamodb: string };
  readonly outputs: Readonly<Record<string, string>>;
}

/** The tables of the shop, and a client to write them. */
export interface Shop {
  readonly client: DynamoDBClient;
  readonly ordersTable: string;
  readonly totalsTable: string;
}

/**
 * Opens the tables of the app that runs at a page's address. For a deployed stack they are the outputs OrdersTable and
 * TotalsTable, and `new DynamoDBClient()` needs no options.
 */
export async function openShop(page: string): Promise<Shop> {
  const response = await fetch(new URL('/_runtime', page));
  const { region, endpoints, outputs }: RuntimeInfo = await response.json();
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const client = new DynamoDBClient({ region, endpoint: endpoints.dynamodb, credentials });
  return { client, ordersTable: outputs['OrdersTable'] ?? '', totalsTable: outputs['TotalsTable'] ?? '' };
}
