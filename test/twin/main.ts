import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { testAssembly } from '../helpers/runtime.ts';
import removeSynthesized from '../helpers/remove-synthesized.ts';
import synthesizeOnce from '../helpers/synthesize-once.ts';
import { BROKEN_COPIES } from './broken-copies.ts';
import { fidelityDocument, score } from './fidelity.ts';
import { triedScore } from './templates-tried.ts';
import { describeTemplates, loadTemplates } from './load-templates.ts';
import { observe } from './run-broken.ts';

const HELP = `Says how true the local runtime is to AWS. See docs/local-runtime.md.

  npm run twin                    prints how many behaviours of AWS have a test here, and writes docs/fidelity.md
  npm run twin -- broken [TEXT]   runs copies of the application, each with one fault that shows on AWS; only those
                                  whose names contain TEXT, if one is given
  npm run twin -- templates DIR   loads each template below DIR that has a WebSocket API or a table with a stream, and
                                  says which ones load, and what cannot run of the others. Starts nothing.
                                  --parameter NAME=VALUE gives a value to all that have no default`;

/** Characters of what a copy showed that are printed when it is not what AWS shows. */
const SHOWN_MAXIMUM = 3_000;

const say = (line: string): void => void process.stdout.write(`${line}\n`);

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { parameter: { type: 'string', multiple: true, default: [] } },
});
const [command, text = ''] = positionals;

/** Runs the broken copies one after the other. Resolves to whether each shows its fault as on AWS. */
async function runBroken(): Promise<boolean> {
  await synthesizeOnce();
  const chosen = BROKEN_COPIES.filter(({ name }) => name.includes(text));
  let right = 0;
  try {
    for (const copy of chosen) {
      const { name, shown, isAsOnAws } = await observe(testAssembly(), copy);
      say(`${isAsOnAws ? 'as on AWS' : 'NOT AS ON AWS'}  ${name}`);
      if (isAsOnAws) right += 1;
      else say(shown.slice(-SHOWN_MAXIMUM));
    }
  } finally {
    await removeSynthesized();
  }
  say(`${right} of ${chosen.length} broken copies fail as they do on AWS`);
  return right === chosen.length;
}

if (command === 'templates') tellTemplates();
else if (command === 'broken') process.exitCode = (await runBroken()) ? 0 : 1;
else if (command === undefined) writeScore();
else say(HELP);

/** Prints what loads of the templates below a folder, or one line for a folder that is not there. */
function tellTemplates(): void {
  if (statSync(text, { throwIfNoEntry: false })?.isDirectory() !== true) {
    process.stderr.write(
      `${text === '' ? 'No folder is named' : `${text} is no folder`}: npm run twin -- templates DIR\n`,
    );
    process.exitCode = 2;
    return;
  }
  for (const line of describeTemplates(loadTemplates(text, values.parameter))) say(line);
}

/** Writes docs/fidelity.md and prints the counts. */
function writeScore(): void {
  writeFileSync(join(import.meta.dirname, '../../docs/fidelity.md'), fidelityDocument());
  say(score().replaceAll('**', ''));
  say(triedScore().replaceAll('**', ''));
}
