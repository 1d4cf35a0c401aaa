import type { AttributeValue } from '@aws-sdk/client-dynamodb-streams';
import { isDeepStrictEqual } from 'node:util';
import type { EventImage } from './item-size.ts';

type EngineImage = Readonly<Record<string, AttributeValue>>;
type EventAttribute = EventImage[string];

/** A number as DynamoDB and its engines write it. */
const DECIMAL = /^([+-]?)(\d*)\.?(\d*)(?:e([+-]?\d+))?$/i;

/**
 * Returns an engine's image in the form of the Lambda event; undefined for an absent or empty one. Throws for an
 * attribute without a value, which the SDK returns for the name `__proto__`.
 */
export function toEventImage(image: EngineImage | undefined): EventImage | undefined {
  if (image === undefined || Object.keys(image).length === 0) return undefined;
  return mapValues(image, toEventAttribute);
}

/** Returns an engine's image without the attributes for which `toEventImage` throws. */
export function readablePart(image: EngineImage | undefined): Record<string, AttributeValue> {
  return Object.fromEntries(Object.entries(image ?? {}).filter(([name, value]) => isReadable(value, name)));
}

/**
 * Returns whether two images are the same item to DynamoDB: the order of attributes and of a set's elements has no
 * meaning, and a number may be written in several ways.
 */
export function areEqualImages(first: EventImage, second: EventImage): boolean {
  const names = Object.keys(first);
  const isEqual = (name: string): boolean => areEqualAttributes(first[name], ownValue(second, name));
  return names.length === Object.keys(second).length && names.every(isEqual);
}

function areEqualAttributes(first: EventAttribute | undefined, second: EventAttribute | undefined): boolean {
  const [[type, value] = ['', undefined]] = Object.entries(first ?? {});
  const other = ownValue(second, type);
  if (type === 'M' && isAttributes(value) && isAttributes(other)) return areEqualImages(value, other);
  if (!Array.isArray(value) || !Array.isArray(other))
    return canonicalScalar(type, value) === canonicalScalar(type, other);
  if (value.length !== other.length) return false;
  if (type === 'L') return value.every((element, index) => areEqualAttributes(element, other[index]));
  return isDeepStrictEqual(canonicalSet(type, value), canonicalSet(type, other));
}

function ownValue<T>(object: { readonly [name: string]: T } | undefined, name: string): T | undefined {
  return object !== undefined && Object.hasOwn(object, name) ? object[name] : undefined;
}

/** Returns the elements of a set of texts, numbers or base64 texts, for a comparison without order. */
function canonicalSet(type: string, elements: readonly unknown[]): ReadonlySet<unknown> {
  return new Set(elements.map((element) => canonicalScalar(type.slice(0, 1), element)));
}

function canonicalScalar(type: string, value: unknown): unknown {
  return type === 'N' && typeof value === 'string' ? canonicalNumber(value) : value;
}

/** Returns a decimal number as its digits without outer zeros and its exponent, so that `1.0` and `1` are equal. */
function canonicalNumber(text: string): string {
  const [, sign, whole = '', fraction = '', exponent = '0'] = DECIMAL.exec(text) ?? [];
  const digits = `${whole}${fraction}`.replace(/^0+/, '');
  const significant = digits.replace(/0+$/, '');
  if (significant === '') return '0';
  const power = Number(exponent) - fraction.length + digits.length - significant.length;
  return `${sign === '-' ? '-' : ''}${significant}e${power}`;
}

function isAttributes(value: unknown): value is EventImage {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isReadable(attribute: AttributeValue, name: string): boolean {
  try {
    toEventAttribute(attribute, name);
    return true;
  } catch {
    // The error was reported with the whole record.
    return false;
  }
}

function toEventAttribute(attribute: AttributeValue | undefined, name: string): EventAttribute {
  if (attribute === undefined) throw new Error(`the attribute ${name} has no value that can be read`);
  if (attribute.B !== undefined) return { B: toBase64(attribute.B) };
  if (attribute.BS !== undefined) return { BS: attribute.BS.map(toBase64) };
  if (attribute.L !== undefined) return { L: attribute.L.map((element) => toEventAttribute(element, name)) };
  if (attribute.M !== undefined) return { M: mapValues(attribute.M, toEventAttribute) };
  // DynamoDB Local leaves the type of an empty map out.
  return Object.keys(attribute).length === 0 ? { M: {} } : { ...attribute };
}

/** Maps the values of an object. `Object.fromEntries` defines own properties, so a prototype is never touched. */
function mapValues<T, U>(
  object: Readonly<Record<string, T>>,
  map: (value: T, name: string) => U,
): { readonly [name: string]: U } {
  return Object.fromEntries(Object.entries(object).map(([name, value]) => [name, map(value, name)]));
}

function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}
