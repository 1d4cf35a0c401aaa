import { RuntimeSetupError } from '../model.ts';
import { at, type Fields, findNumberField } from './fields.ts';

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
