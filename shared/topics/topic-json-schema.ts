import { isObject } from '../protocol/decode-frame.ts';
import type { StandardSchema } from './standard-schema.ts';

/** Returns the JSON Schema, draft 7, of a schema whose library does not write it by itself. */
export type ToJsonSchema = (schema: StandardSchema) => unknown;

/** The JSON Schema of a schema's input, or the reason for which there is none. */
export type Described = { readonly schema: Readonly<Record<string, unknown>> } | { readonly reason: string };

/** The keywords whose values are data: nothing in them is a schema. */
const DATA: ReadonlySet<string> = new Set(['const', 'enum', 'default', 'examples']);

/** The keywords whose values are schemas by name. */
const BY_NAME: ReadonlySet<string> = new Set([
  'properties',
  'patternProperties',
  'definitions',
  '$defs',
  'dependencies',
  'dependentSchemas',
]);

/**
 * Returns the JSON Schema, draft 7, of what a schema takes, with its references moved to a place in a document, `#/…`.
 * The library writes it (by `~standard.jsonSchema`, which zod and ArkType have), or else the given function.
 * @see https://standardschema.dev/json-schema
 */
export function jsonSchemaOf(schema: StandardSchema, place: string, toJsonSchema?: ToJsonSchema): Described {
  try {
    const written = ownJsonSchema(schema) ?? toJsonSchema?.(schema);
    if (written === undefined) return { reason: `${schema['~standard'].vendor} writes no JSON Schema by itself` };
    const { $schema: _, $id: _1, ...bare } = asObject(JSON.parse(JSON.stringify(written)));
    return { schema: asObject(moved(bare, place)) };
  } catch (error) {
    return { reason: error instanceof Error ? error.message : String(error) };
  }
}

/** Returns the JSON Schema that a library writes by the interface Standard JSON Schema; undefined without it. */
function ownJsonSchema(schema: StandardSchema): unknown {
  const standard: unknown = Reflect.get(schema, '~standard');
  const writer = isObject(standard) ? standard['jsonSchema'] : undefined;
  const input = isObject(writer) ? writer['input'] : undefined;
  return typeof input === 'function' ? Reflect.apply(input, writer, [{ target: 'draft-07' }]) : undefined;
}

function asObject(value: unknown): Readonly<Record<string, unknown>> {
  if (isObject(value)) return value;
  throw new TypeError('its JSON Schema is no object');
}

/** Moves the references of a schema, which count from the schema itself, to its place in a document. */
function moved(schema: unknown, place: string): unknown {
  if (Array.isArray(schema)) return schema.map((each) => moved(each, place));
  if (!isObject(schema)) return schema;
  const entries = Object.entries(schema).map(
    ([keyword, value]) => [keyword, movedValue(keyword, value, place)] as const,
  );
  return Object.fromEntries(entries);
}

function movedValue(keyword: string, value: unknown, place: string): unknown {
  if (DATA.has(keyword)) return value;
  if (keyword === '$ref' && typeof value === 'string') return value.startsWith('#') ? place + value.slice(1) : value;
  if (!BY_NAME.has(keyword) || !isObject(value)) return moved(value, place);
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, moved(each, place)]));
}
