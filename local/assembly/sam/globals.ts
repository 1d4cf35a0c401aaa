import type { Json } from '../../model.ts';
import { isJsonObject, isList, type JsonObject } from '../fields.ts';

/**
 * Returns a resource's properties with those of the section `Globals`, as SAM merges them: maps are merged, lists are
 * joined with the global elements first, and any other value of the resource wins.
 */
export function withGlobals(own: JsonObject, globals: Json | undefined): JsonObject {
  if (!isJsonObject(globals)) return own;
  const names = new Set([...Object.keys(globals), ...Object.keys(own)]);
  return Object.fromEntries([...names].map((name) => [name, merged(globals[name], own[name])]));
}

function merged(global: Json | undefined, own: Json | undefined): Json {
  if (own === undefined || global === undefined) return own ?? global ?? null;
  if (isList(own) && isList(global)) return [...global, ...own];
  return isPlain(own) && isPlain(global) ? withGlobals(own, global) : own;
}

/** Returns whether a value is a map, and no intrinsic function. */
function isPlain(value: Json): value is JsonObject {
  return isJsonObject(value) && !Object.keys(value).some((key) => key === 'Ref' || key.startsWith('Fn::'));
}
