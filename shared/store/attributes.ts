import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { marshall, type NativeAttributeValue, unmarshall } from '@aws-sdk/util-dynamodb';
import { type Decoded, decodeShape, type Shape } from './item-schema.ts';

/** An item as DynamoDB returns it from a read or in a stream record. */
export type Item = Readonly<Record<string, AttributeValue>>;

/** The change of an item, as its change record shows it. */
export interface RecordChange {
  readonly became: 'new' | 'changed' | 'removed';
  /** The item before the change. Absent for a new one. */
  readonly before?: Item | undefined;
}

/** An item's attributes as plain values. An attribute that is undefined is left out. */
export type Values = Readonly<Record<string, NativeAttributeValue>>;

/** The bounds of a counter in a condition may lie past 2^53, where a rounded number is good enough. */
const ENCODING = { removeUndefinedValues: true, allowImpreciseNumbers: true } as const;

/** `Number` rounds a number past 2^53 to one that is not a safe integer, which `wholeNumber` then refuses. */
const DECODING = { convertWithoutMapWrapper: true, wrapNumbers: Number } as const;

/**
 * Encodes plain values as an item, or as the values of an expression. A map whose keys users choose must be a `Map`:
 * `marshall` takes an object with the key `constructor` for an instance of a class.
 */
export const encodeItem = (values: Values): Record<string, AttributeValue> => marshall(values, ENCODING);

/** Decodes the attributes that the shape names; others are ignored. Throws BadRecordError. */
export const decodeItem = <S extends Shape>(shape: S, item: Item): Decoded<S> =>
  decodeShape(shape, (name) => [valueOf(item[name]), name]);

const valueOf = (attribute: AttributeValue | undefined): unknown =>
  attribute === undefined ? undefined : unmarshall(attribute, DECODING);
