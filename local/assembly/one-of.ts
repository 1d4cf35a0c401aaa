import { RuntimeSetupError } from '../model.ts';
import { at, type Fields, getTextField } from './fields.ts';

/** Returns a required string that must be one of a fixed set. */
export function oneOf<const T extends string>(fields: Fields, name: string, allowed: readonly T[]): T {
  const text = getTextField(fields, name);
  const found = allowed.find((candidate) => candidate === text);
  if (found === undefined) throw new RuntimeSetupError(`${at(fields, name)} is ${text}; known: ${allowed.join(', ')}`);
  return found;
}
