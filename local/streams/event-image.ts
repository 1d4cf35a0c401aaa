import type { AttributeValue } from '@aws-sdk/client-dynamodb-streams';
import type { EventImage } from './item-size.ts';

type EngineImage = Readonly<Record<string, AttributeValue>>;
type EventAttribute = EventImage[string];

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
  return { ...attribute };
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
