import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { OperatorError } from './operator-error.ts';

/** The files of a new app. This file and a chunk of the built package both lie one folder below the root. */
const TEMPLATE = join(import.meta.dirname, '..', 'cli/template');

/** The files in which the names of the app and of its stack are written. */
const NAMED = ['README.md', 'infra/app.ts', 'page/index.html'];

/** The name of an app whose folder's name has no letter and no digit. */
const NAMELESS = 'live';

/** The request for a new app. */
export interface NewApp {
  /** The folder to write. It must be empty, or not there. */
  readonly directory: string;
  /** The version of this package. The app gets the others in the same one. */
  readonly version: string;
  /** A folder with the packages as `npm pack` makes them. Undefined: they come from the registry. */
  readonly packages: string | undefined;
}

interface AppManifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

/** Writes a new app. Throws OperatorError for a folder that is in use, and for a package that is missing. */
export function writeApp({ directory, version, packages }: NewApp): void {
  const name = packageNameOf(directory);
  const manifest = manifestOf(name, (dependency) => specOf(dependency, { version, packages }));
  claim(directory);
  cpSync(TEMPLATE, directory, { recursive: true });
  // npm leaves a file of this name out of a package.
  renameSync(join(directory, 'gitignore'), join(directory, '.gitignore'));
  for (const file of NAMED) writeNames(join(directory, file), name);
  writeFileSync(join(directory, 'package.json'), manifest);
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

function manifestOf(name: string, versionOf: (dependency: string) => string | undefined): string {
  const manifest: AppManifest = JSON.parse(readFileSync(join(TEMPLATE, 'package.json'), 'utf8'));
  const versions = (pinned: Readonly<Record<string, string>>) =>
    Object.fromEntries(
      Object.entries(pinned).map(([dependency, version]) => [dependency, versionOf(dependency) ?? version]),
    );
  const dependencies = versions(manifest.dependencies);
  const devDependencies = versions(manifest.devDependencies);
  return `${JSON.stringify({ ...manifest, name, dependencies, devDependencies }, null, 2)}\n`;
}

/** Returns the version of a package of this project, or the path of its tarball; undefined for a package of others. */
function specOf(dependency: string, { version, packages }: Omit<NewApp, 'directory'>): string | undefined {
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
