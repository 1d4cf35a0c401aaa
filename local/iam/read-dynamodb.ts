import type { ApplicationModel } from '../model.ts';
import { dynamodbAccesses, type DynamodbRequest } from './dynamodb-access.ts';
import type { Access } from './evaluate.ts';
import { asInput } from './leading-keys.ts';
import type { GuardedRequest } from './read-request.ts';

/** A request to DynamoDB or its Streams, as policies and faults see it. */
interface ReadRequest {
  readonly operation: string;
  readonly accesses: readonly Access[];
}

/** Returns a function that reads requests to the tables of an application. */
export function dynamodbReader({ region, accountId, tables }: ApplicationModel) {
  const [, partition = 'aws'] = tables[0]?.arn.split(':') ?? [];
  const facts = { region, accountId, partition, tables };
  return (request: GuardedRequest, asksFor: DynamodbRequest['asksFor']): ReadRequest => {
    const operation = request.target.slice(request.target.indexOf('.') + 1);
    return { operation, accesses: dynamodbAccesses(facts, { operation, input: inputOf(request), asksFor }) };
  };
}

function inputOf({ body }: GuardedRequest): ReturnType<typeof asInput> {
  try {
    return asInput(JSON.parse(body.toString()));
  } catch {
    // The engine says what is wrong with it, if the caller may do this at all.
    return {};
  }
}
