import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Command, ExitCode, Invocation } from '../command.ts';
import { EXAMPLES, writeApp } from '../new-app.ts';
import { OperatorError, UsageError } from '../operator-error.ts';
import { isSet, textOption } from '../options.ts';
import { projectVersion } from '../version.ts';

/** The words that say what each example shows. */
const SHOWS: Readonly<Record<string, string>> = {
  chat: 'rooms with authentication, permissions and presence (React)',
  counters: 'a poll: shared counters, and who is there (React)',
  dashboard: 'live totals of tables that an application has',
  'token-stream': 'an answer of a model that survives a reload',
};

/** The command `init`: writes a small app into a new folder, and installs what it needs. */
export const INIT: Command = {
  name: 'init',
  summary: 'Write a small app into a new folder: a stack, a page, a test.',
  help: `  distributary init DIR
    --example NAME   begin with an example:
${listOfExamples()}
    --no-install     write the files only
    --packages DIR   take the packages of Distributary from this folder, where npm pack has written them

  Writes a CDK app with the construct, a page with the client library, a test and a README into DIR, which has to be empty or
  not there, and runs npm install in it. Then: cd DIR && npm start

  distributary init live
  distributary init my-chat --example chat
  distributary init live --packages ../tarballs`,
  options: { example: { type: 'string' }, 'no-install': { type: 'boolean' }, packages: { type: 'string' } },
  run: init,
};

async function init({ positionals, values, output }: Invocation): Promise<ExitCode> {
  const [directory, ...more] = positionals;
  if (directory === undefined || more.length > 0) throw new UsageError('Name the folder of the new app.');
  const [example, packages] = [textOption(values, 'example'), textOption(values, 'packages')];
  writeApp({ directory, version: projectVersion(), example, packages });
  const isInstalled = !isSet(values, 'no-install');
  if (isInstalled) {
    output.note(`The app is in ${directory}. npm installs what it needs.`);
    await install(directory);
  }
  output.data({ directory, isInstalled });
  output.line(`Next: cd ${directory} && ${isInstalled ? '' : 'npm install && '}npm start`);
  return 0;
}

/** Runs npm, whose words go to standard error. Throws OperatorError when it fails. */
async function install(directory: string): Promise<void> {
  const npm = spawn('npm', ['install', '--no-audit', '--no-fund'], { cwd: directory, stdio: ['ignore', 2, 2] });
  const [code] = await once(npm, 'exit');
  if (code !== 0) throw new OperatorError(`npm install failed. Run it again in ${directory}.`);
}

/** Returns the lines of the help that name the examples. */
function listOfExamples(): string {
  const width = Math.max(...EXAMPLES.map((name) => name.length));
  return EXAMPLES.map((name) => `                     ${name.padEnd(width)}  ${SHOWS[name] ?? ''}`).join('\n');
}
