import type { ApplicationModel } from '../model.ts';
import { dynamodbAccesses, type DynamodbRequest } from './dynamodb-access.ts';
import type { Access } from './evaluate.ts';
import { asInput, type Input } from './leading-keys.ts';
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
    const operation = operationOf(request);
    return { operation, accesses: dynamodbAccesses(facts, { operation, input: inputOf(request), asksFor }) };
  };
}

/** Returns the operation of a request, such as `UpdateItem`. */
export const operationOf = ({ target }: GuardedRequest): string => target.slice(target.indexOf('.') + 1);

/** The inputs of the requests that are being judged: each is decoded once. */
const inputs = new WeakMap<GuardedRequest, Input>();

/** Returns the input of a request; an empty one where it is not JSON. */
export function inputOf(request: GuardedRequest): Input {
  const known = inputs.get(request);
  if (known !== undefined) return known;
  const input = decoded(request);
  inputs.set(request, input);
  return input;
}

function decoded({ body }: GuardedRequest): Input {
  try {
    return asInput(JSON.parse(body.toString()));
  } catch {
    // The engine says what is wrong with it, if the caller may do this at all.
    return {};
  }
}
