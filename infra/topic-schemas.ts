import { spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { SCHEMAS_FILE } from '../shared/config.ts';
import type { HandlerBundles } from './handler-bundles.ts';

/**
 * Returns bundles that have the definitions of topics beside `index.mjs`. The module is imported once where nothing
 * else is: one that is not bundled, or that exports no definitions, must fail at synthesis and not in every route.
 * Throws for such a module.
 */
export function withSchemas(bundles: HandlerBundles, module: string): HandlerBundles {
  const file = checkedModule(module);
  return {
    directoryOf: (handler) => {
      const directory = temporaryDirectory();
      cpSync(bundles.directoryOf(handler), directory, { recursive: true });
      copyFileSync(file, join(directory, SCHEMAS_FILE));
      return directory;
    },
  };
}

/** The copies of the modules that were checked, by the module's path. */
const checked = new Map<string, string>();

function checkedModule(module: string): string {
  const known = checked.get(module);
  if (known !== undefined) return known;
  if (!existsSync(module)) throw new Error(`schemas: there is no file ${module}.`);
  const copy = join(temporaryDirectory(), SCHEMAS_FILE);
  copyFileSync(module, copy);
  const fault = faultOf(copy);
  if (fault !== undefined) throw new Error(`schemas: ${module} ${fault}. ${REMEDY}`);
  checked.set(module, copy);
  return copy;
}

const REMEDY = 'Bundle it into one file: esbuild topics.ts --bundle --format=esm --platform=node --outfile=schemas.mjs';

/** The script that imports a module and looks for the definitions, and prints nothing. */
const LOOK = `const { topics, default: other } = await import(process.argv[1]);
const definitions = topics ?? other;
if (typeof definitions !== 'object' || definitions === null) process.exitCode = 3;`;

function faultOf(file: string): string | undefined {
  const { href } = pathToFileURL(file);
  const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', LOOK, href], {
    encoding: 'utf8',
    env: {},
  });
  if (status === 0) return undefined;
  if (status === 3) return 'exports no definitions of topics, as `topics` or as its default';
  return `cannot be imported by itself: ${/^\w*Error.*$/m.exec(stderr)?.[0] ?? 'it ended without a word'}`;
}

/** The directories that are removed at the end of the process: the CDK copies an asset when it is made. */
const directories: string[] = [];

function temporaryDirectory(): string {
  if (directories.length === 0) process.once('exit', removeAll);
  const directory = mkdtempSync(join(tmpdir(), 'distributary-schemas-'));
  directories.push(directory);
  return directory;
}

function removeAll(): void {
  for (const directory of directories) rmSync(directory, { recursive: true, force: true });
}
