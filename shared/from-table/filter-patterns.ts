import type { Condition, When } from './conditions.ts';
import type { TableSource } from './table-source.ts';

/** A filter pattern of an event source mapping. */
export type FilterPattern = Readonly<Record<string, unknown>>;

/**
 * Returns the filter patterns that let through every record of a source, and leave out what they can of the others:
 * Lambda does not invoke the function for those. The function decides again, so a pattern may let too much through, but
 * never too little. A pattern cannot compare numbers, which records have as texts, nor tell whether an attribute of an
 * unknown type exists.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/with-ddb-filtering.html
 */
export function filterPatternsOf({ on, when }: Pick<TableSource, 'on' | 'when'>): readonly FilterPattern[] {
  const attributes = Object.entries(when).flatMap(([name, conditions]) => {
    const pattern = patternOf(conditions);
    return pattern === undefined ? [] : [[name, pattern] as const];
  });
  const within = (image: string): FilterPattern =>
    attributes.length === 0 ? {} : { dynamodb: { [image]: Object.fromEntries(attributes) } };
  const written = on.filter((event) => event !== 'REMOVE');
  return [
    ...(written.length === 0 ? [] : [{ eventName: [...new Set(written)], ...within('NewImage') }]),
    ...(on.includes('REMOVE') ? [{ eventName: ['REMOVE'], ...within('OldImage') }] : []),
  ];
}

/** Returns the pattern of one attribute; undefined if a pattern cannot express its conditions. */
function patternOf(conditions: When[string]): FilterPattern | undefined {
  const leaves = conditions.map(leafOf);
  const [first] = leaves;
  // A pattern of two types would need them both.
  if (first === undefined || !leaves.every((leaf) => leaf?.type === first.type)) return undefined;
  return { [first.type]: leaves.flatMap((leaf) => (leaf === undefined ? [] : [leaf.value])) };
}

function leafOf(condition: Condition): { readonly type: string; readonly value: unknown } | undefined {
  if (typeof condition === 'string') return { type: 'S', value: condition };
  if (typeof condition === 'boolean') return { type: 'BOOL', value: condition };
  if (condition === null) return { type: 'NULL', value: true };
  if (typeof condition === 'number') return numberLeaf(condition);
  return 'prefix' in condition ? { type: 'S', value: { prefix: condition.prefix } } : undefined;
}

/** DynamoDB writes a number with its digits and without an exponent, as JavaScript writes whole numbers. */
const numberLeaf = (value: number) => (Number.isSafeInteger(value) ? { type: 'N', value: String(value) } : undefined);
