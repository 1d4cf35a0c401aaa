import { type Json, RuntimeSetupError } from '../model.ts';
import { compileLeaf, type LeafTest } from './filter-operators.ts';

/** Returns whether the mapping's filters accept a record. */
export type RecordFilter = (record: unknown) => boolean;

/** The test of a field's value. An absent field is undefined; `null` is a value. */
type Test = (value: unknown) => boolean;

const OR = '$or';

/**
 * Compiles FilterCriteria: EventBridge patterns on the whole record. Keys are combined by AND, array items and filters
 * by OR. Without filters every record is accepted. Throws RuntimeSetupError for an invalid pattern, which AWS refuses
 * at deployment.
 */
export function compileFilters(patterns: readonly Json[]): RecordFilter {
  const tests = patterns.map(compileFilter);
  return (record) => tests.length === 0 || tests.some((test) => test(record));
}

function compileFilter(pattern: Json): Test {
  try {
    return compileObject(pattern);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new RuntimeSetupError(`Invalid filter pattern definition ${JSON.stringify(pattern)}: ${reason}`);
  }
}

function compileObject(pattern: Json): Test {
  if (!isJsonObject(pattern)) throw new Error('a pattern must be an object');
  const entries = Object.entries(pattern);
  if (entries.length === 0) throw new Error('an empty object matches nothing');
  const tests = entries.map(([key, inner]) => (key === OR ? compileOr(inner) : compileField(key, inner)));
  return (value) => tests.every((test) => test(value));
}

function compileOr(alternatives: Json): Test {
  if (!Array.isArray(alternatives) || alternatives.length < 2) throw new Error('$or needs two alternatives or more');
  const tests = alternatives.map(compileObject);
  return (value) => tests.some((test) => test(value));
}

function compileField(key: string, pattern: Json): Test {
  if (!Array.isArray(pattern)) {
    const test = compileObject(pattern);
    // An array in the record matches by any of its elements.
    return (value) => [fieldOf(value, key)].flat().some((element) => test(element));
  }
  if (pattern.length === 0) throw new Error(`the array at ${key} is empty`);
  const tests = pattern.map(compileLeaf);
  return (value) => matchesLeaf(fieldOf(value, key), tests);
}

/** Returns whether a leaf matches. An object in the record counts as absent. */
function matchesLeaf(value: unknown, tests: readonly LeafTest[]): boolean {
  const leaves = [value].flat().filter((leaf) => leaf !== undefined && !isObject(leaf));
  if (leaves.length === 0) return tests.some((test) => test.whenAbsent);
  return leaves.some((leaf) => tests.some((test) => test.matches(leaf)));
}

function fieldOf(value: unknown, key: string): unknown {
  return isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

function isObject(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isJsonObject(value: Json): value is { readonly [key: string]: Json } {
  return isObject(value);
}
