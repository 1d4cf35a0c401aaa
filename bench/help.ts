import { BENCHES } from './benches.ts';
import { GOALS } from './goals.ts';

const NAME_WIDTH = 11;

const goalsOf = (name: string): string => {
  const goals = GOALS.filter(({ bench }) => bench === name);
  const texts = goals.map(({ key, bound, value }) => `${key} ${bound === 'at most' ? '<=' : '>='} ${value}`);
  return texts.length === 0 ? '' : `\n${' '.repeat(NAME_WIDTH + 4)}goal: ${texts.join(', ')}`;
};

/** The text of `npm run bench -- --help`. */
export const BENCH_HELP = `Measures what this costs beside what others cost. Each figure is a ratio: both sides in one run, in fresh
processes, in alternating order, everything on 127.0.0.1. Absolute figures depend on the machine; ratios are comparable.

  npm run bench                     all of them, about 9 minutes; writes bench/results/ and README's table
  npm run bench -- NAME [NAME…]     only these
  npm run bench -- NAME --json      prints {"bench", "ratios": {KEY: {"median", "values"}}} and writes nothing
  npm run bench -- compare REV      this working tree's fan-out beside that of another revision
  npm run bench -- table            rewrites tables, plot and README's table from bench/results/; measures nothing

${BENCHES.map(({ name, summary }) => `  ${name.padEnd(NAME_WIDTH)}  ${summary}${goalsOf(name)}`).join('\n')}

  Stop other programs that use the machine: ratios tolerate some noise, absolute figures none. The value of each round is
  shown beside each median, which reveals a doubtful one. What is measured and how: docs/performance.md`;
