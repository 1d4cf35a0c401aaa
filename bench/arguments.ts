import { parseArgs } from 'node:util';
import { BENCHES } from './benches.ts';
import { BenchUsageError } from './usage-error.ts';

/** The task that the command line asks for. */
export type Task =
  | { readonly kind: 'help' }
  | { readonly kind: 'table' }
  | { readonly kind: 'compare'; readonly revision: string }
  | { readonly kind: 'run'; readonly names: readonly string[]; readonly json: boolean };

/** Reads the command line. Throws BenchUsageError with a message for the user. */
export function readTask(argv: readonly string[]): Task {
  const { values, positionals } = parse(argv);
  const [first, second, ...others] = positionals;
  if (values.help) return { kind: 'help' };
  if (first === 'table' && second === undefined) return { kind: 'table' };
  if (first === 'compare') {
    if (second === undefined || others.length > 0)
      throw new BenchUsageError('compare takes one revision, for example: compare HEAD~1');
    return { kind: 'compare', revision: second };
  }
  const unknown = positionals.find((name) => !BENCHES.some((bench) => bench.name === name));
  if (unknown !== undefined) throw new BenchUsageError(`There is no bench ${unknown}. See npm run bench -- --help`);
  if (values.json && positionals.length !== 1) throw new BenchUsageError('--json needs the name of exactly one bench.');
  const names = positionals.length > 0 ? positionals : BENCHES.flatMap(({ name, isExtra }) => (isExtra ? [] : [name]));
  return { kind: 'run', names, json: values.json };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: { json: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } },
    });
  } catch (cause) {
    const [reason] = (cause instanceof Error ? cause.message : String(cause)).split('. ');
    throw new BenchUsageError(`${reason}. See npm run bench -- --help`, { cause });
  }
}
