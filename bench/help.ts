import { BENCHES } from './benches.ts';
import { GOALS } from './goals.ts';

const NAME_WIDTH = 11;

const goalsOf = (name: string): string => {
  const goals = GOALS.filter(({ bench }) => bench === name);
  const texts = goals.map(({ key, bound, value }) => `${key} ${bound === 'at most' ? '<=' : '>='} ${value}`);
  return texts.length === 0 ? '' : `\n${' '.repeat(NAME_WIDTH + 4)}goal: ${texts.join(', ')}`;
};

export const HELP = `Measures what this costs beside what others cost. Each figure is a ratio: both sides in one run, in fresh processes, in
alternating order, everything on 127.0.0.1. Absolute figures go with the machine; ratios hold.

  npm run bench                     all of them, about 9 minutes; writes bench/results/ and README's table
  npm run bench -- NAME [NAME…]     these alone
  npm run bench -- NAME --json      prints {"bench", "ratios": {KEY: {"median", "values"}}} and writes nothing
  npm run bench -- compare REV      this working tree's fan-out beside that of another revision
  npm run bench -- table            writes tables, plot and README's table from bench/results/ again; measures nothing

${BENCHES.map(({ name, summary }) => `  ${name.padEnd(NAME_WIDTH)}  ${summary}${goalsOf(name)}`).join('\n')}

  Close what else uses the machine: the ratios bear some noise, the absolute figures none. A value for each round is shown
  beside each median, so that a doubtful one can be seen. What is measured and how: docs/performance.md`;
