import { ApiGatewayManagementApiClient, PostToConnectionCommand } from '@aws-sdk/client-apigatewaymanagementapi';
import { paginateScan, DynamoDBClient } from '@aws-sdk/client-dynamodb';

interface MessageEvent {
  readonly body: string;
}

const database = new DynamoDBClient({});

/**
 * Handles a message as the classic tutorials do: scans the table of connections, and posts to one after another. The
 * client of the callback API is created in the handler with its defaults, as in the tutorials, which take its address
 * from the event.
 */
export async function handler({ body }: MessageEvent): Promise<{ statusCode: number }> {
  const api = new ApiGatewayManagementApiClient({ endpoint: process.env['CALLBACK_URL'] ?? '' });
  const { data }: { data: unknown } = JSON.parse(body);
  const Data = JSON.stringify(data);
  const connectionIds: string[] = [];
  const pages = paginateScan(
    { client: database },
    { TableName: process.env['TABLE_NAME'], ProjectionExpression: 'connectionId' },
  );
  for await (const { Items = [] } of pages) {
    connectionIds.push(...Items.map(({ connectionId }) => connectionId?.S ?? ''));
  }
  const post = (ConnectionId: string) => api.send(new PostToConnectionCommand({ ConnectionId, Data }));
  if (process.env['POSTS'] === 'all-at-once') await Promise.all(connectionIds.map(post));
  else for (const connectionId of connectionIds) await post(connectionId);
  return { statusCode: 200 };
}
