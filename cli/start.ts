import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RuntimeSetupError } from '../local/model.ts';
import { listInstances } from './instances.ts';
import { OperatorError } from './operator-error.ts';

/** The major version of Node that Lambda runs the functions on. */
const LAMBDA_NODE = 24;

/** The page that comes along. This file and a chunk of the built package both lie one folder below the root. */
const PAGE = join(import.meta.dirname, '..', 'web');

/** The path of the stage that the page looks for by itself. */
const STAGE_OF_PAGE = '/live';

/**
 * The command `start`, which runs the CDK app of this folder by the local runtime until Ctrl-C. Its options are
 * those of the runtime.
 */
export const START = {
  name: 'start',
  summary: 'Run the CDK app of this folder on this machine.',
  run: start,
} as const;

/** Starts the runtime. Resolves when clients can connect, or when the help is printed. */
async function start(args: readonly string[]): Promise<0> {
  requireNode(process.versions.node);
  // Loaded late: no other command needs the runtime.
  const { runCommandLine } = await import('../local/command-line.ts');
  await runCommandLine(args, { command: 'distributary start', page: PAGE, pageQuery, checkAssembly });
  return 0;
}

/** Throws OperatorError for a Node older than Lambda's: the functions would run on it. */
function requireNode(version: string): void {
  if (Number.parseInt(version, 10) >= LAMBDA_NODE) return;
  throw new OperatorError(
    `distributary start runs your functions on Node ${LAMBDA_NODE}, as Lambda does, and this is Node ${version}.\n` +
      `Install that one into the app, where npx finds it: npm install --save-dev node@${LAMBDA_NODE}`,
  );
}

/** Returns the query by which the page finds a stage that has another name than the one that it looks for. */
export const pageQuery = (stageUrl: string): string =>
  new URL(stageUrl).pathname === STAGE_OF_PAGE ? '' : `?url=${encodeURIComponent(stageUrl)}`;

/** Throws RuntimeSetupError for an assembly whose stacks have no Distributary. */
function checkAssembly(directory: string): void {
  // A directory that is not there, or has no template, is the runtime's to refuse.
  const templates = existsSync(directory)
    ? readdirSync(directory).filter((name) => name.endsWith('.template.json'))
    : [];
  if (templates.length === 0 || templates.some((name) => hasInstance(join(directory, name)))) return;
  throw new RuntimeSetupError(
    `No stack in ${directory} has a Distributary. Add one: \`new Distributary(stack, 'Live')\`, from the package ` +
      '@distributary/cdk.',
  );
}

function hasInstance(file: string): boolean {
  const { Outputs = {} }: { readonly Outputs?: Readonly<Record<string, unknown>> } = JSON.parse(
    readFileSync(file, 'utf8'),
  );
  return listInstances(Outputs).length > 0;
}
