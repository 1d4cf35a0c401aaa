import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { OperatorError } from './operator-error.ts';

/** The files of new apps. This file and a chunk of the built package both lie one folder below the root. */
const TEMPLATES = join(import.meta.dirname, '..', 'cli/template');

/** The folder of what every app has. The others are examples: files that are added, or take the place of others. */
const BASE = 'base';

/** The examples. */
export const EXAMPLES: readonly string[] = readdirSync(TEMPLATES).filter((name) => name !== BASE);

/** The files in which the names of the app and of its stack are written. */
const NAMED = ['README.md', 'infra/app.ts', 'page/index.html'];

/** The name of an app whose folder's name has no letter and no digit. */
const NAMELESS = 'live';

/** The request for a new app. */
export interface NewApp {
  /** The folder to write: empty, or not there. */
  readonly directory: string;
  /** The version of this package. The app gets the others in the same one. */
  readonly version: string;
  /** The example to begin with. Undefined: an app with a counter and a topic. */
  readonly example: string | undefined;
  /** A folder with the packages as `npm pack` makes them. Undefined: they come from the registry. */
  readonly packages: string | undefined;
}

interface AppManifest {
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

/** Writes a new app. Throws OperatorError for a folder that is in use, an unknown example, and a missing package. */
export function writeApp({ directory, example, ...source }: NewApp): void {
  const folders = foldersOf(example);
  const name = packageNameOf(directory);
  const manifest = manifestOf(name, folders, (dependency) => specOf(dependency, source));
  claim(directory);
  for (const folder of folders) cpSync(folder, directory, { recursive: true });
  // npm leaves a file of this name out of a package.
  renameSync(join(directory, 'gitignore'), join(directory, '.gitignore'));
  for (const file of NAMED) writeNames(join(directory, file), name);
  writeFileSync(join(directory, 'package.json'), manifest);
}

/** Returns the folders whose files make up the app, each over the one before. */
function foldersOf(example: string | undefined): readonly string[] {
  if (example === undefined) return [join(TEMPLATES, BASE)];
  if (EXAMPLES.includes(example)) return [join(TEMPLATES, BASE), join(TEMPLATES, example)];
  throw new OperatorError(`There is no example ${example}. There is: ${EXAMPLES.join(', ')}.`);
}

/** Returns the name of the app's package: that of its folder, as far as npm permits it. */
function packageNameOf(directory: string): string {
  const words = basename(resolve(directory))
    .toLowerCase()
    .match(/[a-z0-9]+/g) ?? [NAMELESS];
  return words.join('-');
}

/** Returns the name of the app's stack: `MyChat` for `my-chat`. CloudFormation wants a letter first. */
function stackNameOf(name: string): string {
  const words = name.split('-').map((word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`);
  return words.join('').replace(/^(?=\d)/, 'App');
}

/** Returns the text of package.json: those of the folders in one, with the versions that `versionOf` knows. */
function manifestOf(
  name: string,
  folders: readonly string[],
  versionOf: (dependency: string) => string | undefined,
): string {
  const manifests = folders.map(
    (folder): Partial<AppManifest> => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')),
  );
  const joined = (part: keyof AppManifest): Readonly<Record<string, string>> =>
    Object.assign({}, ...manifests.map((manifest) => manifest[part]));
  const versions = (part: 'dependencies' | 'devDependencies') =>
    Object.fromEntries(Object.entries(joined(part)).map(([each, version]) => [each, versionOf(each) ?? version]));
  const scripts = joined('scripts');
  const [dependencies, devDependencies] = [versions('dependencies'), versions('devDependencies')];
  return `${JSON.stringify({ ...manifests[0], name, scripts, dependencies, devDependencies }, null, 2)}\n`;
}

/** Returns the version of a package of this project, or the path of its tarball; undefined for a package of others. */
function specOf(dependency: string, { version, packages }: Pick<NewApp, 'version' | 'packages'>): string | undefined {
  if (dependency !== 'distributary' && !dependency.startsWith('@distributary/')) return undefined;
  if (packages === undefined) return `^${version}`;
  const file = resolve(packages, `${dependency.replace('@', '').replace('/', '-')}-${version}.tgz`);
  if (existsSync(file)) return `file:${file}`;
  throw new OperatorError(
    `There is no ${file}. In a clone of Distributary: npm run build && npm pack ./dist/* --pack-destination DIR`,
  );
}

/** Creates the folder. Throws OperatorError for one that has files. */
function claim(directory: string): void {
  const found = statSync(directory, { throwIfNoEntry: false });
  if (found !== undefined && !found.isDirectory())
    throw new OperatorError(`${directory} is a file: name a new folder.`);
  if (found !== undefined && readdirSync(directory).length > 0) {
    throw new OperatorError(`${directory} is not empty: name a new folder.`);
  }
  mkdirSync(directory, { recursive: true });
}

function writeNames(file: string, name: string): void {
  const text = readFileSync(file, 'utf8').replaceAll('APP_NAME', name).replaceAll('STACK_NAME', stackNameOf(name));
  writeFileSync(file, text);
}
