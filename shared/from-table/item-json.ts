import { convertToNative } from '@aws-sdk/util-dynamodb';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { Item } from '../store/attributes.ts';

/**
 * Returns attributes as plain JSON values; those that the item lacks are left out. Sets become lists, binary values
 * base64 texts. A number that a double does not hold exactly becomes a text of its digits: a rounded id or amount would
 * be another one.
 */
export const jsonOf = (item: Item, names: readonly string[]): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    names.flatMap((name) => {
      const value = Object.hasOwn(item, name) ? item[name] : undefined;
      return value === undefined ? [] : [[name, plainOf(value)] as const];
    }),
  );

/** Converts an attribute. An event of Lambda has binary values as base64 texts already. */
const plainOf = (value: AttributeValue): unknown => withoutSets(convertToNative(value, { wrapNumbers: exactNumber }));

function withoutSets(value: unknown): unknown {
  if (value instanceof Set) return Array.from(value, withoutSets);
  if (Array.isArray(value)) return value.map(withoutSets);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, withoutSets(each)]));
}

/** Returns a number of DynamoDB (38 digits) as a JavaScript number, or as its digits where that would round it. */
export function exactNumber(digits: string): number | string {
  const number = Number(digits);
  return Number.isFinite(number) && canonical(String(number)) === canonical(digits) ? number : digits;
}

/** A decimal number, as DynamoDB and JavaScript write it. */
const DECIMAL = /^([+-]?)(\d*)\.?(\d*)(?:e([+-]?\d+))?$/i;

/** Returns the sign, the digits without outer zeros and the exponent, so that `1.0`, `1` and `1e0` are equal. */
function canonical(text: string): string {
  const [, sign, whole = '', fraction = '', exponent = '0'] = DECIMAL.exec(text) ?? [];
  const digits = `${whole}${fraction}`.replace(/^0+/, '');
  const significant = digits.replace(/0+$/, '');
  if (significant === '') return '0';
  const power = Number(exponent) - fraction.length + digits.length - significant.length;
  return `${sign === '-' ? '-' : ''}${significant}e${power}`;
}
