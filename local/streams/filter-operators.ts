import type { Json } from '../model.ts';

/** The test of one item in a pattern's leaf array. */
export interface LeafTest {
  /** Returns whether a value of the record matches. The value is never an object or an array. */
  readonly matches: (value: unknown) => boolean;
  /** Whether the item matches an absent leaf. Only `exists: false` does. */
  readonly whenAbsent: boolean;
}

type Test = (value: unknown) => boolean;

/** The compilers of the operators by name. Any other operator is unknown. */
const OPERATORS: Readonly<Record<string, (operand: Json) => Test>> = {
  prefix: (operand) => affix(operand, (text, part) => text.startsWith(part)),
  suffix: (operand) => affix(operand, (text, part) => text.endsWith(part)),
  'equals-ignore-case': (operand) => {
    const expected = stringOf(operand).toLowerCase();
    return onStrings((text) => text.toLowerCase() === expected);
  },
  'anything-but': anythingBut,
  numeric,
};

/** The operators that `anything-but` can negate. */
const NEGATABLE: readonly string[] = ['prefix', 'suffix', 'equals-ignore-case'];

const COMPARISONS: Readonly<Record<string, (value: number, operand: number) => boolean>> = {
  '=': (value, operand) => value === operand,
  '<': (value, operand) => value < operand,
  '<=': (value, operand) => value <= operand,
  '>': (value, operand) => value > operand,
  '>=': (value, operand) => value >= operand,
};
/** The elements of one comparison: an operator and a number. */
const COMPARISON_LENGTH = 2;

/** Compiles one item of a leaf array: a value to equal, or one operator. Throws for an invalid item. */
export function compileLeaf(item: Json): LeafTest {
  if (!isOperator(item)) {
    if (Array.isArray(item)) throw new Error('an array inside an array');
    return { matches: (value) => value === item, whenAbsent: false };
  }
  const [name, operand] = onlyEntry(item);
  if (name === 'exists') return existence(operand);
  return { matches: operatorTest(name, operand), whenAbsent: false };
}

function operatorTest(name: string, operand: Json): Test {
  const make = Object.hasOwn(OPERATORS, name) ? OPERATORS[name] : undefined;
  if (make === undefined) throw new Error(`unknown operator ${name}`);
  return make(operand);
}

function existence(operand: Json): LeafTest {
  if (typeof operand !== 'boolean') throw new Error('exists takes true or false');
  return { matches: () => operand, whenAbsent: !operand };
}

/** Compiles `{"prefix": "x"}` or `{"prefix": {"equals-ignore-case": "x"}}`. */
function affix(operand: Json, has: (text: string, part: string) => boolean): Test {
  if (typeof operand === 'string') return onStrings((text) => has(text, operand));
  const [name, inner] = onlyEntry(operand);
  if (name !== 'equals-ignore-case') throw new Error(`unknown operator ${name} inside a prefix or suffix`);
  const part = stringOf(inner).toLowerCase();
  return onStrings((text) => has(text.toLowerCase(), part));
}

function anythingBut(operand: Json): Test {
  if (isOperator(operand)) return butOperator(operand);
  const excluded: readonly Json[] = Array.isArray(operand) ? operand : [operand];
  if (excluded.length === 0 || !excluded.every(isStringOrNumber)) {
    throw new Error('anything-but takes a string, a number, a list of them or an operator on strings');
  }
  return (value) => !excluded.some((each) => each === value);
}

function butOperator(operator: Json): Test {
  const [name, inner] = onlyEntry(operator);
  if (!NEGATABLE.includes(name)) throw new Error(`anything-but cannot negate ${name}`);
  const operands: readonly Json[] = Array.isArray(inner) ? inner : [inner];
  const tests = operands.map((operand) => operatorTest(name, operand));
  return (value) => !tests.some((test) => test(value));
}

function numeric(operand: Json): Test {
  if (!Array.isArray(operand) || operand.length === 0 || operand.length % COMPARISON_LENGTH !== 0) {
    throw new Error('numeric takes pairs of a comparison and a number');
  }
  const pairs = Array.from({ length: operand.length / COMPARISON_LENGTH }, (_, index) =>
    comparison(operand[index * COMPARISON_LENGTH], operand[index * COMPARISON_LENGTH + 1]),
  );
  return (value) => typeof value === 'number' && pairs.every((test) => test(value));
}

function comparison(name: unknown, operand: unknown): (value: number) => boolean {
  const compare = typeof name === 'string' && Object.hasOwn(COMPARISONS, name) ? COMPARISONS[name] : undefined;
  if (compare === undefined || typeof operand !== 'number')
    throw new Error('numeric takes pairs of a comparison and a number');
  return (value) => compare(value, operand);
}

function onStrings(test: (text: string) => boolean): Test {
  return (value) => typeof value === 'string' && test(value);
}

function stringOf(operand: Json): string {
  if (typeof operand !== 'string') throw new Error('the operand must be a string');
  return operand;
}

function isStringOrNumber(value: Json): boolean {
  return typeof value === 'string' || typeof value === 'number';
}

function isOperator(item: Json): item is { readonly [name: string]: Json } {
  return typeof item === 'object' && item !== null && !Array.isArray(item);
}

function onlyEntry(item: Json): readonly [string, Json] {
  const [entry, ...others] = isOperator(item) ? Object.entries(item) : [];
  if (entry === undefined || others.length > 0) throw new Error('an operator must be an object of one key');
  return entry;
}
