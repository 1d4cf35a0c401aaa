import { RuntimeSetupError } from '../model.ts';
import { at, type Fields, findNumber } from './fields.ts';

/** What the service accepts, and what it takes when nothing is said. */
export interface NumberRule {
  readonly default: number;
  readonly minimum: number;
  readonly maximum: number;
  /** A value outside the range that means «no limit». */
  readonly unlimited?: number;
}

/** A whole number within the range of its rule. */
export function numberIn(fields: Fields, name: string, rule: NumberRule): number {
  const value = findNumber(fields, name) ?? rule.default;
  if (value === rule.unlimited) return value;
  if (Number.isInteger(value) && value >= rule.minimum && value <= rule.maximum) return value;
  const unlimited = rule.unlimited === undefined ? '' : `${rule.unlimited} or `;
  throw new RuntimeSetupError(
    `${at(fields, name)} is ${value}; allowed: ${unlimited}${rule.minimum} to ${rule.maximum}`,
  );
}
