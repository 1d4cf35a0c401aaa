import { AWS_PROJECT_TEMPLATES } from './aws-project-templates.ts';
import { AWS_SAMPLE_TEMPLATES } from './aws-sample-templates.ts';
import { OTHER_TEMPLATES } from './other-templates.ts';
import type { TriedRepository, TriedResult } from './tried-repository.ts';

/** The templates that were tried in their published form. Nothing of them is part of this repository. */
const TEMPLATES_TRIED: readonly TriedRepository[] = [
  ...AWS_PROJECT_TEMPLATES,
  ...AWS_SAMPLE_TEMPLATES,
  ...OTHER_TEMPLATES,
];

const WORDS: Readonly<Record<TriedResult, string>> = {
  runs: 'runs',
  loads: 'loads',
  partly: 'a part loads; not',
  refused: 'refused',
};

/** Returns the section of docs/fidelity.md about the templates of others. */
export function triedTemplates(): string {
  const rows = TEMPLATES_TRIED.flatMap(({ repository, commit, under, templates }) =>
    templates.map(([path, result, what]) => {
      const said = what === '' ? WORDS[result] : `${WORDS[result]}: ${what}`;
      return `| ${repository} | \`${under}${path}\` | ${commit} | ${said} |`;
    }),
  );
  return [HEAD, '', triedScore(), '', '| repository | template | commit | here |', '|---|---|---|---|', ...rows].join(
    '\n',
  );
}

const HEAD = `## Templates of others

Templates with a WebSocket API or a table with a stream, loaded by \`npm run twin -- templates\`. They are as they were
published, but for packaging: the templates of aws/serverless-application-model, which their suite completes, have
\`Transform\` and code filled in, and those of aws/aws-cdk are synthesized from apps written after its integration tests, a
few not to the letter. One that *runs* does what its README says, or where there is none, its routes and streams work.
One that *loads* does not run for the reason given. Of one of which a part loads, \`--partial\` runs the rest without what
is named. Three that load need \`--parameter\` for what has no default.`;

/** Returns the counts of the templates. */
export function triedScore(): string {
  const results = TEMPLATES_TRIED.flatMap(({ templates }) => templates.map(([, result]) => result));
  const count = (...wanted: readonly TriedResult[]): number => results.filter((one) => wanted.includes(one)).length;
  return (
    `**${count('runs')} of ${results.length}** templates of others run; ${count('runs', 'loads')} load whole, ` +
    `${count('partly')} in part, ${count('refused')} are refused.`
  );
}
