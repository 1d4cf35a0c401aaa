/** The least and the greatest value of a number. */
export type NumberRange = readonly [minimum: number, maximum: number];

/**
 * Returns `value` if it is a whole number in the range. Throws an error that names the option and its range otherwise.
 */
export function checkNumber(name: string, value: number, [minimum, maximum]: NumberRange): number {
  if (Number.isInteger(value) && value >= minimum && value <= maximum) return value;
  const Refused = typeof value === 'number' ? RangeError : TypeError;
  throw new Refused(`${name} must be a whole number from ${minimum} to ${maximum}, not ${String(value)}.`);
}
