/** A run of digits that a JavaScript number may not hold. Other texts are parsed without a look at their numbers. */
const MAY_BE_INEXACT = /\d{16}|\d[eE]|\d\.\d{15}/;

/**
 * A number of a JSON text that a JavaScript number does not hold, such as one beyond 2 to the power of 53: printed as
 * it was written, and computed with as far as JavaScript can.
 */
export class ExactNumber {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  [Symbol.toPrimitive](hint: string): string | number {
    return hint === 'number' ? Number(this.#text) : this.#text;
  }

  toString(): string {
    return this.#text;
  }

  /** Returns what `JSON.stringify` writes as it is. */
  toJSON(): unknown {
    return Reflect.apply(Reflect.get(JSON, 'rawJSON'), JSON, [this.#text]);
  }
}

/** Parses JSON, in which each number that would change is an ExactNumber. Throws for what is not JSON. */
export function parseExactly(text: string): unknown {
  if (!MAY_BE_INEXACT.test(text)) return JSON.parse(text);
  // The source of a value is known to Node, and not yet to the types of `JSON.parse`.
  return Reflect.apply(JSON.parse, JSON, [text, keepDigits]);
}

function keepDigits(_key: string, value: unknown, { source }: { readonly source?: string }): unknown {
  if (typeof value !== 'number' || source === undefined || String(value) === source) return value;
  return isSame(value, source) ? value : new ExactNumber(source);
}

/** Returns whether a number has all digits of its source, which may write it in another way: `1.50`, `1e3`. */
function isSame(value: number, source: string): boolean {
  return digitsOf(String(value)) === digitsOf(source);
}

/** Returns the digits of a number that count, without its sign, its point and its exponent. */
const digitsOf = (text: string): string =>
  (text.toLowerCase().split('e')[0] ?? '').replaceAll(/[-.]/g, '').replaceAll(/^0+|0+$/g, '');
