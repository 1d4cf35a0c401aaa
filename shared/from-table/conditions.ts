import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import * as z from 'zod/mini';
import type { Item } from '../store/attributes.ts';

const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);

const comparison = z.enum(['=', '<', '<=', '>', '>=']);

const condition = z.union([
  scalar,
  z.strictObject({ prefix: z.string().check(z.minLength(1)) }),
  z.strictObject({ exists: z.boolean() }),
  z.strictObject({
    numeric: z.union([
      z.readonly(z.tuple([comparison, z.number()])),
      z.readonly(z.tuple([comparison, z.number(), comparison, z.number()])),
    ]),
  }),
  z.strictObject({ 'anything-but': z.readonly(z.array(scalar).check(z.minLength(1))) }),
]);

/** The schema of `when`: for each attribute a list of conditions, of which one must hold. */
export const whenSchema = z.record(
  z.string().check(z.minLength(1)),
  z.readonly(z.array(condition).check(z.minLength(1))),
);

/** A condition on an attribute, in the words of EventBridge's patterns: a value to equal, or one operator. */
export type Condition = z.infer<typeof condition>;

/** The conditions on an item's attributes: all attributes must match, each by one of its conditions. */
export type When = Readonly<z.infer<typeof whenSchema>>;

/** Whether an item fulfils the conditions. An absent attribute fulfils `exists: false` alone. */
export const fulfils = (when: When, item: Item): boolean =>
  Object.entries(when).every(([name, conditions]) => {
    const value = Object.hasOwn(item, name) ? item[name] : undefined;
    return conditions.some((each) => holds(each, value));
  });

function holds(condition: Condition, value: AttributeValue | undefined): boolean {
  if (typeof condition !== 'object' || condition === null) return equals(condition, value);
  if ('exists' in condition) return (value !== undefined) === condition.exists;
  if (value === undefined) return false;
  if ('prefix' in condition) return value.S?.startsWith(condition.prefix) === true;
  if ('numeric' in condition) return isWithin(condition.numeric, value.N);
  return !condition['anything-but'].some((each) => equals(each, value));
}

function equals(expected: string | number | boolean | null, value: AttributeValue | undefined): boolean {
  if (value === undefined) return false;
  if (expected === null) return value.NULL === true;
  if (typeof expected === 'string') return value.S === expected;
  if (typeof expected === 'boolean') return value.BOOL === expected;
  return value.N !== undefined && Number(value.N) === expected;
}

const COMPARISONS = {
  '=': (value, operand) => value === operand,
  '<': (value, operand) => value < operand,
  '<=': (value, operand) => value <= operand,
  '>': (value, operand) => value > operand,
  '>=': (value, operand) => value >= operand,
} satisfies Record<z.infer<typeof comparison>, (value: number, operand: number) => boolean>;

type Comparison = keyof typeof COMPARISONS;

/** Compares as doubles: beyond 2^53 neighbouring numbers are equal. */
function isWithin(
  [first, low, second, high]: readonly [Comparison, number] | readonly [Comparison, number, Comparison, number],
  digits: string | undefined,
): boolean {
  if (digits === undefined) return false;
  const value = Number(digits);
  const isSecond = second === undefined || high === undefined || COMPARISONS[second](value, high);
  return COMPARISONS[first](value, low) && isSecond;
}
