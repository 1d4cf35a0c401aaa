import { asInput, asInputs, type Input } from './leading-keys.ts';
import { inputOf, operationOf } from './read-dynamodb.ts';
import type { GuardedRequest } from './read-request.ts';

/** The tables that a request writes to, by their names; `any` where only the engine knows. */
export type WrittenTables = readonly string[] | 'any';

/** The operations whose statements name their tables. */
const STATEMENTS: ReadonlySet<string> = new Set(['ExecuteStatement', 'BatchExecuteStatement', 'ExecuteTransaction']);

/** The operations that write, and the names or ARNs of the tables in their input. */
const WRITES: Readonly<Record<string, (input: Input) => readonly unknown[]>> = {
  PutItem: ({ TableName: table }) => [table],
  UpdateItem: ({ TableName: table }) => [table],
  DeleteItem: ({ TableName: table }) => [table],
  BatchWriteItem: ({ RequestItems: tables }) => Object.keys(asInput(tables)),
  TransactWriteItems: ({ TransactItems: items }) =>
    asInputs(items).flatMap((item) => Object.values(item).map((part) => asInput(part)['TableName'])),
};

/** Returns the tables that a request writes to. A request that only reads has none. */
export function writtenTables(request: GuardedRequest): WrittenTables {
  const operation = operationOf(request);
  if (STATEMENTS.has(operation)) return 'any';
  const tables = Object.hasOwn(WRITES, operation) ? WRITES[operation]?.(inputOf(request)) : undefined;
  return (tables ?? []).filter((table) => typeof table === 'string').map(nameOf);
}

const nameOf = (table: string): string => table.slice(table.lastIndexOf('/') + 1);
