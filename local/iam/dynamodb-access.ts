import type { TableModel } from '../model.ts';
import type { Access } from './evaluate.ts';
import { asInput, asInputs, type Input, leadingKeys, partitionKeyOf } from './leading-keys.ts';

/** The facts that the names of a request stand for. */
export interface DynamodbFacts {
  readonly region: string;
  readonly accountId: string;
  readonly partition: string;
  readonly tables: readonly TableModel[];
}

/** A request of DynamoDB or its Streams. */
export interface DynamodbRequest {
  /** The operation, such as `UpdateItem`. */
  readonly operation: string;
  readonly input: Input;
  /** Whether the caller's policies have a condition on a key. */
  readonly asksFor: (conditionKey: string) => boolean;
}

/** The permissions that the parts of a transaction need: each its own, and none for the transaction itself. */
const TRANSACTION_ACTIONS: Readonly<Record<string, string>> = {
  ConditionCheck: 'ConditionCheckItem',
  Delete: 'DeleteItem',
  Get: 'GetItem',
  Put: 'PutItem',
  Update: 'UpdateItem',
};

const BATCHES: ReadonlySet<string> = new Set(['BatchGetItem', 'BatchWriteItem']);
const TRANSACTIONS: ReadonlySet<string> = new Set(['TransactGetItems', 'TransactWriteItems']);

const LEADING_KEYS = 'dynamodb:LeadingKeys';
const ENCLOSING_OPERATION = 'dynamodb:EnclosingOperation';

/** The members of a request whose values are condition keys of the same name. */
const MEMBER_KEYS = ['ReturnConsumedCapacity', 'ReturnValues', 'Select'] as const;

/**
 * Returns what a request does, as policies name it: a batch by its tables, a transaction by its parts, a query of an
 * index by the index. See
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html.
 */
export function dynamodbAccesses(facts: DynamodbFacts, request: DynamodbRequest): readonly Access[] {
  const { operation, input } = request;
  if (BATCHES.has(operation)) return batchAccesses(facts, request);
  if (TRANSACTIONS.has(operation)) return transactionAccesses(facts, request);
  return [accessOf(facts, { ...request, action: operation, input })];
}

interface Part extends DynamodbRequest {
  readonly action: string;
}

function accessOf(facts: DynamodbFacts, part: Part): Access {
  return {
    action: `dynamodb:${part.action}`,
    resource: resourceOf(facts, part.input),
    context: contextOf(facts, part),
  };
}

function batchAccesses(facts: DynamodbFacts, request: DynamodbRequest): readonly Access[] {
  return Object.entries(asInput(request.input['RequestItems'])).map(([tableName, requests]) => {
    const access = accessOf(facts, { ...request, action: request.operation, input: { TableName: tableName } });
    const key = request.asksFor(LEADING_KEYS) ? partitionKeyOf(findTable(facts, tableName), undefined) : undefined;
    if (key === undefined) return access;
    const values = itemsOf(requests).flatMap((item) => leadingKeys(item, key));
    return { ...access, context: { ...access.context, [LEADING_KEYS]: [...new Set(values)] } };
  });
}

/** Returns the puts, deletes or keys of one table of a batch, each as an object with `Key` or `Item`. */
function itemsOf(requests: unknown): readonly Input[] {
  const keys = asInputs(asInput(requests)['Keys']).map((key) => ({ Key: key }));
  const writes = asInputs(requests).flatMap((write) => Object.values(write).map(asInput));
  return [...keys, ...writes];
}

function transactionAccesses(facts: DynamodbFacts, request: DynamodbRequest): readonly Access[] {
  const context = request.asksFor(ENCLOSING_OPERATION) ? { [ENCLOSING_OPERATION]: request.operation } : {};
  return asInputs(request.input['TransactItems'])
    .flatMap((item) => Object.entries(item))
    .map(([kind, input]) => {
      const action = TRANSACTION_ACTIONS[kind] ?? kind;
      const access = accessOf(facts, { ...request, action, input: asInput(input) });
      return { ...access, context: { ...access.context, ...context } };
    });
}

function resourceOf(facts: DynamodbFacts, input: Input): string {
  const { StreamArn: streamArn, TableName: tableName, IndexName: indexName } = input;
  if (typeof streamArn === 'string') return streamArn;
  if (typeof tableName !== 'string') return '*';
  const table = `arn:${facts.partition}:dynamodb:${facts.region}:${facts.accountId}:table/${nameOf(tableName)}`;
  return typeof indexName === 'string' ? `${table}/index/${indexName}` : table;
}

/** Returns the name of a table that a request names by its name or its ARN. */
const nameOf = (table: string): string => table.slice(table.lastIndexOf('/') + 1);

const findTable = ({ tables }: DynamodbFacts, tableName: string): TableModel | undefined =>
  tables.find(({ name }) => name === nameOf(tableName));

function contextOf(facts: DynamodbFacts, { input, asksFor }: Part): Access['context'] {
  const members = MEMBER_KEYS.flatMap((name): [string, string][] => {
    const [value, key] = [input[name], `dynamodb:${name}`];
    return typeof value === 'string' && asksFor(key) ? [[key, value]] : [];
  });
  const { TableName: tableName, IndexName: indexName } = input;
  if (typeof tableName !== 'string' || !asksFor(LEADING_KEYS)) return Object.fromEntries(members);
  const key = partitionKeyOf(findTable(facts, tableName), typeof indexName === 'string' ? indexName : undefined);
  const values = key === undefined ? [] : leadingKeys(input, key);
  return Object.fromEntries<string | readonly string[]>([
    ...members,
    ...(values.length === 0 ? [] : [[LEADING_KEYS, values] as const]),
  ]);
}
