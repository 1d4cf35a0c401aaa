import { BEHAVIOURS } from './behaviours.ts';
import type { ComparedBehaviour } from './compared-behaviour.ts';
import { COMPARED_BEHAVIOURS, COMPARED_RUNTIMES } from './compared-runtimes.ts';

const HEAD = `## Beside other runtimes

What other local runtimes do for behaviours that an application notices, as their sources say, read in November 2026 at
the commits below. Each cell links to the file; the words are ours. A cell without an entry: the runtime has no such
part. They have many services that this runtime has not.`;

/** Returns the section that compares with other runtimes. */
export function comparedRuntimes(): string {
  const sources = COMPARED_RUNTIMES.map(
    ({ name, repository, commit }) => `- ${name}: [${repository}](https://github.com/${repository}/tree/${commit})`,
  );
  const names = COMPARED_RUNTIMES.map(({ name }) => name);
  const head = [`| | AWS | here | ${names.join(' | ')} |`, `|---|---|---|${'---|'.repeat(names.length)}`];
  return [HEAD, '', ...sources, '', ...head, ...COMPARED_BEHAVIOURS.map(rowOf)].join('\n');
}

function rowOf({ number, others }: ComparedBehaviour): string {
  const behaviour = BEHAVIOURS.find((one) => one.number === number);
  if (behaviour === undefined) throw new Error(`no behaviour has the number ${number}`);
  const here = behaviour.test === undefined ? `otherwise: ${behaviour.otherwise}` : 'as on AWS';
  const cells = others.map((seen, at) => (seen === undefined ? '–' : `[${seen.says}](${urlOf(seen.file, at)})`));
  return `| ${number} | ${behaviour.what} | ${here} | ${cells.join(' | ')} |`;
}

function urlOf(file: string, at: number): string {
  const { repository = '', commit = '' } = COMPARED_RUNTIMES[at] ?? {};
  return `https://github.com/${repository}/blob/${commit}/${file}`;
}
