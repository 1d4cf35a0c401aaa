import { type Json, RuntimeSetupError } from '../model.ts';
import { type Fields, isJsonObject, section } from './fields.ts';

/** Returns a value of the template's mappings. Throws RuntimeSetupError if there is none. */
export function findInMap(template: Fields, keys: readonly string[], path: string): Json {
  let value: Json | undefined = section(template, 'Mappings');
  for (const key of keys) value = isJsonObject(value) ? value[key] : undefined;
  if (value === undefined || isJsonObject(value))
    throw new RuntimeSetupError(`${path}: no mapping has ${keys.join(', ')}`);
  return value;
}
