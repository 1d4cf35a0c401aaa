import type { Json } from '../model.ts';

/** A JSON object. */
export type JsonObject = { readonly [key: string]: Json };

/** Whether a JSON value is a list (`Array.isArray` does not narrow a readonly list). */
export function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

/** Whether a JSON value is an object. */
export function isJsonObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !isList(value);
}
