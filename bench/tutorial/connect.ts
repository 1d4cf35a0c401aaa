import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';

interface ConnectEvent {
  readonly requestContext: { readonly connectionId: string };
}

const client = new DynamoDBClient({});

/** Handles `$connect` as the tutorials do. */
export async function handler({ requestContext }: ConnectEvent): Promise<{ statusCode: number }> {
  await client.send(
    new PutItemCommand({
      TableName: process.env['TABLE_NAME'],
      Item: { connectionId: { S: requestContext.connectionId } },
    }),
  );
  return { statusCode: 200 };
}
