/** The digits of a number that take one byte. */
const DIGITS_PER_BYTE = 2;
/** The bytes that a number takes in addition to its digits. */
const NUMBER_OVERHEAD_BYTES = 1;
/** The bytes that a list or map takes in addition to its elements. */
const COLLECTION_OVERHEAD_BYTES = 3;
/** The bytes that each element of a list or map takes in addition to its value. */
const ELEMENT_OVERHEAD_BYTES = 1;

/** An attribute value in the form of the Lambda event, with binary data as base64. */
type EventAttribute = { readonly [type: string]: unknown };
/** An item in the form of the Lambda event. */
export type EventImage = { readonly [name: string]: EventAttribute };

/** Returns an item's size by DynamoDB's rules (names and values), which `SizeBytes` of a stream record adds up. */
export function imageSizeBytes(image: EventImage | undefined): number {
  if (image === undefined) return 0;
  return sum(Object.entries(image), ([name, value]) => Buffer.byteLength(name) + attributeSizeBytes(value));
}

function attributeSizeBytes(attribute: EventAttribute): number {
  return sum(Object.entries(attribute), ([type, value]) => valueSizeBytes(type, value));
}

function valueSizeBytes(type: string, value: unknown): number {
  if (type === 'L' && Array.isArray(value)) return collection(value.map((element) => attributeSizeBytes(element)));
  if (type === 'M' && isObject(value)) {
    return collection(
      Object.entries(value).map(
        ([name, inner]) => Buffer.byteLength(name) + (isObject(inner) ? attributeSizeBytes(inner) : 0),
      ),
    );
  }
  if (Array.isArray(value)) return sum(value, (element) => scalarSizeBytes(type.slice(0, 1), element));
  return scalarSizeBytes(type, value);
}

function scalarSizeBytes(type: string, value: unknown): number {
  if (typeof value !== 'string') return 1; // BOOL and NULL
  if (type === 'B') return Buffer.byteLength(value, 'base64');
  return type === 'N' ? numberSizeBytes(value) : Buffer.byteLength(value);
}

function numberSizeBytes(text: string): number {
  const digits = text
    .replace(/[eE].*$/, '')
    .replaceAll(/[^0-9]/g, '')
    .replace(/^0+/, '')
    .replace(/0+$/, '');
  return Math.ceil(Math.max(digits.length, 1) / DIGITS_PER_BYTE) + NUMBER_OVERHEAD_BYTES;
}

function collection(elementBytes: readonly number[]): number {
  return COLLECTION_OVERHEAD_BYTES + sum(elementBytes, (bytes) => bytes + ELEMENT_OVERHEAD_BYTES);
}

function sum<T>(values: readonly T[], bytes: (value: T) => number): number {
  return values.reduce((total, value) => total + bytes(value), 0);
}

function isObject(value: unknown): value is EventAttribute {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
