import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/**
 * Runs in a process of its own, for a warning about the experimental function would otherwise appear in the developer's
 * terminal.
 */
const STRIP_SCRIPT = `
const { readFileSync } = require('node:fs');
const { stripTypeScriptTypes } = require('node:module');
process.stdout.write(stripTypeScriptTypes(readFileSync(process.argv[1], 'utf8')));
`;

let source: Promise<string> | undefined;

/**
 * The bootstrap as JavaScript, made once per process. Execution environments run this text, not the file: the module
 * that strips types costs each process that loads it 18 MB and 27 ms, and there is a process per environment.
 */
export function bootstrapSource(): Promise<string> {
  source ??= stripBootstrap().catch((error: unknown) => {
    // What failed once (no process to be had) may go well next time.
    source = undefined;
    throw error;
  });
  return source;
}

async function stripBootstrap(): Promise<string> {
  const file = fileURLToPath(new URL('./bootstrap.ts', import.meta.url));
  const flags = ['--disable-warning=ExperimentalWarning', '--eval', STRIP_SCRIPT, file];
  const { stdout } = await promisify(execFile)(process.execPath, flags, { env: {} });
  return stdout;
}
