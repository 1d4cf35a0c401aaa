import { type Json, RuntimeSetupError } from '../model.ts';

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

/** An object of the template with its path, so that every error names the property. */
export interface Fields {
  readonly path: string;
  readonly values: JsonObject;
}

/** Returns a value as an object with named fields. Throws RuntimeSetupError for any other value. */
export function asFields(value: Json | undefined, path: string): Fields {
  if (!isJsonObject(value)) throw expected('an object', path, value);
  return { path, values: value };
}

/** Returns an optional string. Numbers and booleans are converted, as in CloudFormation. */
export function findTextField(fields: Fields, name: string): string | undefined {
  const value = fields.values[name];
  if (value === undefined) return undefined;
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw expected('a string', at(fields, name), value);
}

/** Returns a required string. */
export function getTextField(fields: Fields, name: string): string {
  return present(findTextField(fields, name), at(fields, name));
}

/** Returns an optional number. A string of digits is converted, as in CloudFormation. */
export function findNumberField(fields: Fields, name: string): number | undefined {
  const value = fields.values[name];
  if (value === undefined) return undefined;
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isFinite(number)) throw expected('a number', at(fields, name), value);
  return number;
}

/** Returns an optional boolean. `"true"` and `"false"` are converted, as in CloudFormation. */
export function findFlagField(fields: Fields, name: string): boolean | undefined {
  const value = fields.values[name];
  if (value === undefined || typeof value === 'boolean') return value;
  if (value === 'true') return true;
  if (value === 'false') return false;
  throw expected('true or false', at(fields, name), value);
}

/** Returns the elements of an optional list. */
function listValues(fields: Fields, name: string): readonly Json[] {
  const value = fields.values[name];
  if (value === undefined) return [];
  if (!isList(value)) throw expected('a list', at(fields, name), value);
  return value;
}

/** Returns an optional list of strings. */
export function listTexts(fields: Fields, name: string): readonly string[] {
  return listValues(fields, name).map((value, index) => {
    if (typeof value !== 'string') throw expected('a string', `${at(fields, name)}[${index}]`, value);
    return value;
  });
}

/** Returns an optional object. */
export function findFields(fields: Fields, name: string): Fields | undefined {
  const value = fields.values[name];
  return value === undefined ? undefined : asFields(value, at(fields, name));
}

/** Returns a section of a template, such as `Parameters`; empty if the template has none. */
export function section(template: Fields, name: string): JsonObject {
  const value = template.values[name];
  return value === undefined ? {} : asFields(value, `${template.path}${name}`).values;
}

/** Returns an optional list of objects. */
export function listFields(fields: Fields, name: string): readonly Fields[] {
  return listValues(fields, name).map((value, index) => asFields(value, `${at(fields, name)}[${index}]`));
}

/** Returns a required string that must be one of a fixed set. */
export function oneOf<const T extends string>(fields: Fields, name: string, allowed: readonly T[]): T {
  const text = getTextField(fields, name);
  const found = allowed.find((candidate) => candidate === text);
  if (found === undefined) throw new RuntimeSetupError(`${at(fields, name)} is ${text}; known: ${allowed.join(', ')}`);
  return found;
}

/** The range that the service accepts for a number, and its default. */
export interface NumberRule {
  readonly default: number;
  readonly minimum: number;
  readonly maximum: number;
  /** A value outside of the range that means "no limit". */
  readonly unlimited?: number;
}

/** Returns a whole number within the range of its rule. */
export function numberIn(fields: Fields, name: string, rule: NumberRule): number {
  const value = findNumberField(fields, name) ?? rule.default;
  if (value === rule.unlimited) return value;
  if (Number.isInteger(value) && value >= rule.minimum && value <= rule.maximum) return value;
  const unlimited = rule.unlimited === undefined ? '' : `${rule.unlimited} or `;
  throw new RuntimeSetupError(
    `${at(fields, name)} is ${value}; allowed: ${unlimited}${rule.minimum} to ${rule.maximum}`,
  );
}

/** Throws for a property that is not known. Without effect here, it would behave differently on AWS. */
export function refuseOthers(fields: Fields, known: readonly string[]): void {
  const unknown = Object.keys(fields.values).find((name) => !known.includes(name));
  if (unknown !== undefined) throw unsupported(at(fields, unknown), 'this property is not supported');
}

/** Returns the error for something that the runtime does not support. */
export function unsupported(path: string, what: string): RuntimeSetupError {
  return new RuntimeSetupError(`${path}: ${what} by the local runtime (see docs/local-runtime.md)`);
}

/** Returns the path of a field. */
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
