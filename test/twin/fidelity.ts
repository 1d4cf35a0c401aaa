import type { Behaviour } from './behaviour.ts';
import { BEHAVIOURS, SECTIONS } from './behaviours.ts';
import { comparedRuntimes } from './compare-runtimes.ts';
import { triedTemplates } from './templates-tried.ts';

/** Returns the text of docs/fidelity.md: each behaviour by its number, with its test or its reason. */
export function fidelityDocument(): string {
  const tables = Object.entries(SECTIONS).map(([section, title]) => tableOf(section, title));
  return `${[HEAD, score(), ...tables, comparedRuntimes(), triedTemplates()].join('\n\n')}\n`;
}

const HEAD = `# Fidelity

What AWS does, and whether the local runtime does it. Each row has the test that shows it, or the reason for which it is
otherwise. \`npm run twin\` writes this file from \`test/twin/behaviours.ts\`; a test holds each row to a test that exists.
The rows are the behaviours that an application notices, not all that the documentation says.`;

/** Returns the counts, as the command prints them. */
export function score(): string {
  const shown = BEHAVIOURS.filter(({ test }) => test !== undefined).length;
  return `**${shown} of ${BEHAVIOURS.length}** are as on AWS and have a test.`;
}

function tableOf(section: string, title: string): string {
  const rows = BEHAVIOURS.filter(({ number }) => number.startsWith(`${section}.`)).map(rowOf);
  return [`## ${section} ${title}`, '', '| | AWS | here |', '|---|---|---|', ...rows].join('\n');
}

const rowOf = ({ number, what, test, otherwise }: Behaviour): string =>
  `| ${number} | ${what} | ${test === undefined ? `otherwise: ${otherwise}` : `\`test/${test[0]}\``} |`;
