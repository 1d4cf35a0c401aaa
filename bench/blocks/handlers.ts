import { ApiGatewayManagementApiClient, PostToConnectionCommand } from '@aws-sdk/client-apigatewaymanagementapi';
import { DeleteItemCommand, DynamoDBClient, paginateQuery, PutItemCommand } from '@aws-sdk/client-dynamodb';

interface GatewayEvent {
  readonly requestContext: { readonly connectionId: string };
  readonly body?: string;
}

const { TABLE_NAME: TableName, BY_CHANNEL: IndexName, ROUTE = '', CALLBACK_URL: endpoint = '' } = process.env;
const CHANNEL = { S: 'blocks' } as const;

const database = new DynamoDBClient({});
const api = new ApiGatewayManagementApiClient({ endpoint });

/** Handles `$connect`, `$disconnect` and messages, each in a function of its own. */
export async function handler(event: GatewayEvent): Promise<{ statusCode: number }> {
  const connectionId = { S: event.requestContext.connectionId };
  if (ROUTE === '$connect')
    await database.send(new PutItemCommand({ TableName, Item: { connectionId, channel: CHANNEL } }));
  else if (ROUTE === '$disconnect') await database.send(new DeleteItemCommand({ TableName, Key: { connectionId } }));
  else await publish(event.body ?? '');
  return { statusCode: 200 };
}

/** Posts a message to all connections of the channel at once. A connection that is gone is removed. */
async function publish(body: string): Promise<void> {
  const { data }: { data: unknown } = JSON.parse(body);
  const Data = JSON.stringify(data);
  const query = {
    TableName,
    IndexName,
    KeyConditionExpression: 'channel = :channel',
    ExpressionAttributeValues: { ':channel': CHANNEL },
  };
  for await (const { Items = [] } of paginateQuery({ client: database }, query))
    await Promise.all(Items.map(({ connectionId }) => post(connectionId?.S ?? '', Data)));
}

async function post(ConnectionId: string, Data: string): Promise<void> {
  try {
    await api.send(new PostToConnectionCommand({ ConnectionId, Data }));
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'GoneException') throw error;
    await database.send(new DeleteItemCommand({ TableName, Key: { connectionId: { S: ConnectionId } } }));
  }
}
