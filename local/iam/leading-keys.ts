import type { TableModel } from '../model.ts';

/** A JSON object of a request. */
export type Input = Readonly<Record<string, unknown>>;

/** Returns a value as an object; an empty one for anything else. A malformed request is for the engine to refuse. */
export const asInput = (value: unknown): Input => (isInput(value) ? value : {});

const isInput = (value: unknown): value is Input => typeof value === 'object' && value !== null;

/** Returns a value as a list of objects. */
export function asInputs(value: unknown): readonly Input[] {
  return Array.isArray(value) ? value.map(asInput) : [];
}

/** Returns the partition key of a table or of its index; undefined for one that does not exist. */
export function partitionKeyOf(table: TableModel | undefined, indexName: string | undefined): string | undefined {
  const keys =
    indexName === undefined
      ? table?.definition.keys
      : table?.definition.indexes.find(({ name }) => name === indexName)?.keys;
  return keys?.find(({ type }) => type === 'HASH')?.name;
}

/** Returns the values of a partition key in a request: in its key, its item, or its key condition. */
export function leadingKeys(input: Input, partitionKey: string): readonly string[] {
  const direct = asInput(input['Key'] ?? input['Item'])[partitionKey];
  const conditions = asInput(asInput(input['KeyConditions'])[partitionKey])['AttributeValueList'];
  const values = [direct, ...(Array.isArray(conditions) ? conditions : []), keyConditionValue(input, partitionKey)];
  return values.flatMap((value) => (value === undefined ? [] : textOf(value)));
}

/** A comparison of a key condition expression with a placeholder: `#topic = :topic`. */
const EQUALITY = /([#\w.-]+)\s*=\s*(:\w+)/g;

function keyConditionValue(input: Input, partitionKey: string): unknown {
  const expression = input['KeyConditionExpression'];
  if (typeof expression !== 'string') return undefined;
  const names = asInput(input['ExpressionAttributeNames']);
  const found = [...expression.matchAll(EQUALITY)].find(([, name = '']) => (names[name] ?? name) === partitionKey);
  return found && asInput(input['ExpressionAttributeValues'])[found[2] ?? ''];
}

/** Returns the text of an attribute value such as `{"S":"news"}`. */
function textOf(value: unknown): readonly string[] {
  const [text] = Object.values(asInput(value));
  return typeof text === 'string' ? [text] : [];
}
