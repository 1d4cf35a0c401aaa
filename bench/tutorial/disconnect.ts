import { DeleteItemCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';

interface DisconnectEvent {
  readonly requestContext: { readonly connectionId: string };
}

const client = new DynamoDBClient({});

/** Handles `$disconnect` as the tutorials do. */
export async function handler({ requestContext }: DisconnectEvent): Promise<{ statusCode: number }> {
  await client.send(
    new DeleteItemCommand({
      TableName: process.env['TABLE_NAME'],
      Key: { connectionId: { S: requestContext.connectionId } },
    }),
  );
  return { statusCode: 200 };
}
