import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '..');

/** The folders whose constants may carry a `@limit` tag. */
const FOLDERS = '{shared,handlers,client/src,cli,local}/**/*.ts';

/** The reader of a limit: a user meets it on the wire or in the library, an operator may need it. */
export type LimitAudience = 'client' | 'operator';

/** A constant whose doc comment carries `@limit client` or `@limit operator`. */
export interface Limit {
  readonly audience: LimitAudience;
  readonly name: string;
  /** The value as a table shows it. */
  readonly value: string;
  readonly text: string;
  /** The file, relative to the root of the project. */
  readonly file: string;
}

/** Matches a tagged constant with its value, or a tagged field of an interface with its type. */
const TAGGED =
  /\/\*\*((?:(?!\*\/)[\s\S])*?)@limit (client|operator)\s*\*\/\s*(readonly )?(?:export )?(?:const )?(\w+)(?:: \w+(?= =))?\s*[=:]\s*([^;,\n]+)[;,]/g;

/** Lists the tagged constants of the project, in the order of its files. */
export const listLimits = (): readonly Limit[] =>
  globSync(FOLDERS, { cwd: ROOT, exclude: (name) => name === 'node_modules' })
    .toSorted()
    .flatMap((file) => limitsIn(readFileSync(join(ROOT, file), 'utf8'), file));

/** Finds the tagged constants of a source text. Throws if a tag belongs to no constant. */
export function limitsIn(source: string, file: string): readonly Limit[] {
  const limits = Array.from(source.matchAll(TAGGED), ([, comment = '', audience, field, name = '', value = '']) => ({
    audience: audience === 'client' ? ('client' as const) : ('operator' as const),
    name,
    value: formatted(resolved(source, field === undefined ? value : defaultOf(source, name))),
    text: comment
      .replaceAll(/^\s*\* ?/gm, '')
      .replaceAll(/\s+/g, ' ')
      .trim(),
    file,
  }));
  const valued = limits.filter(({ value }) => value !== '').length;
  const tags = source.match(/^\s*(?:\/\*)?\*.*@limit /gm)?.length ?? 0;
  if (tags !== valued) throw new Error(`${file} has a @limit tag without a constant of a plain value behind it.`);
  return limits;
}

/** Finds the value of an interface's field: that of the first object in the file which has it. */
const defaultOf = (source: string, name: string): string =>
  new RegExp(`^ +${name}: ([^,;\n]+),`, 'm').exec(source)?.[1] ?? '';

/** Replaces the names of the file's own constants in an expression by their values. */
function resolved(source: string, expression: string): string {
  return expression.replaceAll(/\b[A-Z][A-Z_]+\b/g, (name) => {
    const value = new RegExp(`^const ${name} = ([^;\n]+);`, 'm').exec(source)?.[1];
    return value === undefined ? name : resolved(source, value);
  });
}

/** Computes sums and products of literals, and groups the digits of numbers; another text stays as it is. */
function formatted(expression: string): string {
  if (expression === '') return '';
  if (!/^[-\d_. *+]+$/.test(expression)) return `\`${expression.replaceAll("'", '')}\``;
  const product = (text: string): number => text.split('*').reduce((value, factor) => value * numberOf(factor), 1);
  const sum = expression.split('+').reduce((value, part) => value + product(part), 0);
  return sum.toLocaleString('en', { maximumFractionDigits: 6 });
}

const numberOf = (literal: string): number => Number(literal.replaceAll('_', '').trim());
