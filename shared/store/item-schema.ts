import { BadRecordError } from '../errors.ts';

/** Checks a plain value and returns it as `T`. Throws BadRecordError, which names the attribute. */
export type Schema<T> = (value: unknown, attribute: string) => T;

/** The schemas of an item's attributes, by name. */
export type Shape = Readonly<Record<string, Schema<unknown>>>;

/** The value that a shape decodes to. */
export type Decoded<S extends Shape> = { readonly [Name in keyof S]: ReturnType<S[Name]> };

/** A string. */
export const text: Schema<string> = (value, attribute) => {
  if (typeof value !== 'string') throw new BadRecordError(`attribute ${attribute} is not a string`);
  return value;
};

/** A whole number that JavaScript holds exactly. A larger one is refused, not rounded. */
export const wholeNumber: Schema<number> = (value, attribute) => {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
  throw new BadRecordError(`attribute ${attribute} is not a whole number`);
};

/** A flag: only `true` sets it. A missing or malformed one is off. */
export const flag: Schema<boolean> = (value) => value === true;

/** Returns a schema that also checks a condition. The fault completes the sentence "attribute x …". */
export function where<T>(schema: Schema<T>, isValid: (value: T) => boolean, fault: string): Schema<T> {
  return (value, attribute) => {
    const decoded = schema(value, attribute);
    if (isValid(decoded)) return decoded;
    throw new BadRecordError(`attribute ${attribute} ${fault}`);
  };
}

/** Returns a schema of an attribute that may be missing. NULL is not missing: it is checked, and refused. */
export function optional<T>(schema: Schema<T>): Schema<T | undefined> {
  return (value, attribute) => (value === undefined ? undefined : schema(value, attribute));
}

/** Returns a schema that decodes an invalid value to undefined, as if it were missing. */
export function lenient<T>(schema: Schema<T>): Schema<T | undefined> {
  return (value, attribute) => {
    try {
      return schema(value, attribute);
    } catch (error) {
      if (error instanceof BadRecordError) return undefined;
      throw error;
    }
  };
}

/** Returns the schema of a list. */
export function listOf<T>(schema: Schema<T>): Schema<readonly T[]> {
  return (value, attribute) => {
    if (Array.isArray(value)) return value.map((each, index) => schema(each, `${attribute}.${index}`));
    throw new BadRecordError(`attribute ${attribute} is not a list`);
  };
}

/** Returns the schema of a map from names that users choose. A value of another type decodes to an empty map. */
export function mapOf<T>(schema: Schema<T>): Schema<ReadonlyMap<string, T>> {
  return (value, attribute) =>
    new Map(
      Object.entries(isMap(value) ? value : {}).map(
        ([key, each]) => [key, schema(each, `${attribute}.${key}`)] as const,
      ),
    );
}

/** Returns the schema of a map with these attributes; others are ignored. */
export function mapWith<S extends Shape>(shape: S): Schema<Decoded<S>> {
  return (value, attribute) => {
    if (isMap(value)) return decodeShape(shape, (name) => [value[name], `${attribute}.${name}`]);
    throw new BadRecordError(`attribute ${attribute} is not a map`);
  };
}

/** Decodes each attribute of a shape from the value and the path that `find` returns for its name. */
export function decodeShape<S extends Shape>(
  shape: S,
  find: (name: string) => readonly [value: unknown, path: string],
): Decoded<S> {
  const decoded: Record<string, unknown> = {};
  for (const [name, schema] of Object.entries(shape)) {
    const value = schema(...find(name));
    // A missing attribute stays missing: it would show in logs and in comparisons.
    if (value !== undefined) decoded[name] = value;
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- each name has just been decoded by its own schema
  return decoded as Decoded<S>;
}

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
