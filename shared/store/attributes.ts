import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { BadRecordError } from '../errors.ts';

/** A DynamoDB item as it comes from a read or a stream. */
export type Item = Readonly<Record<string, AttributeValue>>;

export const S = (value: string): AttributeValue.SMember => ({ S: value });
export const N = (value: number): AttributeValue.NMember => ({ N: String(value) });

/** The attribute `name`, a string. Throws BadRecordError. */
export function getText(item: Item, name: string): string {
  const value = item[name]?.S;
  if (value === undefined) throw new BadRecordError(`attribute ${name} is not a string`);
  return value;
}

/** The attribute `name`, a whole number that JavaScript can hold exactly. Throws BadRecordError. */
export function getCount(item: Item, name: string): number {
  const value = Number(item[name]?.N);
  if (!Number.isSafeInteger(value)) throw new BadRecordError(`attribute ${name} is not a whole number`);
  return value;
}

/** The attribute `name` when it is there, a string. */
export const findText = (item: Item, name: string): string | undefined =>
  item[name] === undefined ? undefined : getText(item, name);

/** The attribute `name` when it is there, a whole number. */
export const findCount = (item: Item, name: string): number | undefined =>
  item[name] === undefined ? undefined : getCount(item, name);
