import { type Json, RuntimeSetupError } from '../model.ts';
import { isList, isObject, type JsonObject } from './json.ts';

/** An object of the resolved template and the path that leads to it, so that every complaint names its place. */
export interface Fields {
  readonly path: string;
  readonly values: JsonObject;
}

/** Takes a value as an object with named fields. */
export function asFields(value: Json | undefined, path: string): Fields {
  if (!isObject(value)) throw expected('an object', path, value);
  return { path, values: value };
}

/** An optional text; numbers and booleans are written out, as CloudFormation does. */
export function findText(fields: Fields, name: string): string | undefined {
  const value = fields.values[name];
  if (value === undefined) return undefined;
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw expected('a text', at(fields, name), value);
}

/** A text that must be there. */
export function getText(fields: Fields, name: string): string {
  return present(findText(fields, name), at(fields, name));
}

/** An optional number; a text of digits counts, as it does for CloudFormation. */
export function findNumber(fields: Fields, name: string): number | undefined {
  const value = fields.values[name];
  if (value === undefined) return undefined;
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isFinite(number)) throw expected('a number', at(fields, name), value);
  return number;
}

/** An optional boolean; `"true"` and `"false"` count, as they do for CloudFormation. */
export function findFlag(fields: Fields, name: string): boolean | undefined {
  const value = fields.values[name];
  if (value === undefined || typeof value === 'boolean') return value;
  if (value === 'true') return true;
  if (value === 'false') return false;
  throw expected('true or false', at(fields, name), value);
}

/** The elements of an optional list. */
function listValues(fields: Fields, name: string): readonly Json[] {
  const value = fields.values[name];
  if (value === undefined) return [];
  if (!isList(value)) throw expected('a list', at(fields, name), value);
  return value;
}

/** An optional list of texts. */
export function listTexts(fields: Fields, name: string): readonly string[] {
  return listValues(fields, name).map((value, index) => {
    if (typeof value !== 'string') throw expected('a text', `${at(fields, name)}[${index}]`, value);
    return value;
  });
}

/** An optional object. */
export function findFields(fields: Fields, name: string): Fields | undefined {
  const value = fields.values[name];
  return value === undefined ? undefined : asFields(value, at(fields, name));
}

/** An optional list of objects. */
export function listFields(fields: Fields, name: string): readonly Fields[] {
  return listValues(fields, name).map((value, index) => asFields(value, `${at(fields, name)}[${index}]`));
}

/** Refuses a property that would be without effect here: better one line now than a surprise on AWS. */
export function refuseOthers(fields: Fields, known: readonly string[]): void {
  const unknown = Object.keys(fields.values).find((name) => !known.includes(name));
  if (unknown !== undefined) throw unsupported(at(fields, unknown), 'this property is not supported');
}

/** The error for what the runtime cannot do. */
export function unsupported(path: string, what: string): RuntimeSetupError {
  return new RuntimeSetupError(`${path}: ${what} by the local runtime (docs/local-runtime.md lists what is)`);
}

/** The path of one field. */
export function at(fields: Fields, name: string): string {
  return `${fields.path}.${name}`;
}

function present<T>(value: T | undefined, path: string): T {
  if (value === undefined) throw new RuntimeSetupError(`${path} is missing`);
  return value;
}

function expected(what: string, path: string, value: Json | undefined): RuntimeSetupError {
  return new RuntimeSetupError(`${path} should be ${what} and is ${JSON.stringify(value)}`);
}
