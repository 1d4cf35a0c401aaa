import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import type { RuntimeBench } from '../helpers/runtime-in-process.ts';

/** The head of a topic as the table holds it. */
export interface StoredHead {
  readonly seq: number;
  readonly value: number;
}

/** Reads a topic's head, strongly consistent; zeros where there is none. */
export async function readHead({ dynamodb, output }: RuntimeBench, topic: string): Promise<StoredHead> {
  const { Item } = await dynamodb.send(
    new GetItemCommand({ TableName: output('TopicsTable'), Key: { topic: { S: topic } }, ConsistentRead: true }),
  );
  return { seq: Number(Item?.['seq']?.N ?? 0), value: Number(Item?.['value']?.N ?? 0) };
}
