import { parseArgs } from 'node:util';
import { BENCHES } from './benches.ts';
import { GOALS } from './goals.ts';

const NAME_WIDTH = 11;

const COMPARED_PARTS = ['connect', 'storm', 'memory'] as const;

/** A part of a comparison with a revision that can be measured alone. */
export type ComparedPart = (typeof COMPARED_PARTS)[number];

const isComparedPart = (text: string): text is ComparedPart => COMPARED_PARTS.some((part) => part === text);

/** A user's mistake on the command line, printed as one line. */
export class BenchUsageError extends Error {}

/** The task that the command line asks for. */
export type Task =
  | { readonly kind: 'help' }
  | { readonly kind: 'table' }
  | { readonly kind: 'compare'; readonly revision: string; readonly only: ComparedPart | undefined }
  | { readonly kind: 'run'; readonly names: readonly string[]; readonly json: boolean };

/** Reads the command line. Throws BenchUsageError with a message for the user. */
export function readTask(argv: readonly string[]): Task {
  const { values, positionals } = parse(argv);
  const [first, second, ...others] = positionals;
  if (values.help) return { kind: 'help' };
  if (first === 'table' && second === undefined) return { kind: 'table' };
  if (first === 'compare') {
    const [only, ...more] = others;
    if (second === undefined || more.length > 0 || (only !== undefined && !isComparedPart(only)))
      throw new BenchUsageError('compare takes one revision, for example: compare HEAD~1, or compare HEAD~1 storm');
    return { kind: 'compare', revision: second, only };
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

const goalsOf = (name: string): string => {
  const goals = GOALS.filter(({ bench }) => bench === name);
  const texts = goals.map(({ key, bound, value }) => `${key} ${bound === 'at most' ? '<=' : '>='} ${value}`);
  return texts.length === 0 ? '' : `\n${' '.repeat(NAME_WIDTH + 4)}goal: ${texts.join(', ')}`;
};

/** The text of `npm run bench -- --help`. */
export const BENCH_HELP = `Measures what this costs beside what others cost. Each figure is a ratio: both sides in one
run, in fresh processes, in alternating order, everything on 127.0.0.1. Absolute figures depend on the machine; ratios
are comparable.

  npm run bench                     all of them, about 9 minutes; writes bench/results/ and README's table
  npm run bench -- NAME [NAME…]     only these
  npm run bench -- NAME --json      prints {"bench", "ratios": {KEY: {"median", "values"}}} and writes nothing
  npm run bench -- compare REV      this working tree's fan-out and connecting beside those of another revision;
                                    compare REV connect, storm or memory: connecting alone, the return of
                                    clients that all lost their connections, or memory at rest and the
                                    time until ready
  npm run bench -- table            rewrites tables, plot and README's table from bench/results/; measures nothing

${BENCHES.map(({ name, summary }) => `  ${name.padEnd(NAME_WIDTH)}  ${summary}${goalsOf(name)}`).join('\n')}

  Stop other programs that use the machine: ratios tolerate some noise, absolute figures none. The value of each round
  is shown beside each median, which reveals a doubtful one. What is measured and how: docs/performance.md`;
