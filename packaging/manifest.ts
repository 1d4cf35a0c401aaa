import { readdirSync } from 'node:fs';
import { fileNameOf } from './file-names.ts';
import type { PackageSource } from './packages.ts';
import { type Manifest, readManifest } from './root.ts';

/** The result of a build so far. */
export interface BuiltFolder {
  readonly folder: string;
  /** The modules that code and declarations import. */
  readonly imported: readonly string[];
}

/** The files that npm packs without being asked. */
const ALWAYS_PACKED = ['package.json', 'README.md', 'LICENSE'];

/** Returns the package.json of a built package. Throws if the code imports what nothing declares. */
export function manifestOf({ source, modules, commands }: PackageSource, { folder, imported }: BuiltFolder): object {
  const own = readManifest(source);
  const { peerDependencies } = own;
  const names = [...new Set(imported.map(packageOf))].filter((name) => peerDependencies?.[name] === undefined);
  const { version, license } = readManifest('.');
  return {
    name: own.name,
    version,
    description: own.description,
    license,
    type: 'module',
    sideEffects: false,
    exports: { ...exportsOf(Object.keys(modules)), './package.json': './package.json' },
    ...(commands !== undefined && { bin: binOf(Object.keys(commands)) }),
    files: readdirSync(folder).filter((file) => !ALWAYS_PACKED.includes(file)),
    engines: own.engines,
    ...(names.length > 0 && { dependencies: versionsOf(names, own) }),
    peerDependencies,
  };
}

const exportsOf = (paths: readonly string[]): object =>
  Object.fromEntries(
    paths.map((path) => {
      const file = `./${fileNameOf(path)}`;
      return [path, { types: `${file}.d.ts`, default: `${file}.js` }];
    }),
  );

const binOf = (commands: readonly string[]): object =>
  Object.fromEntries(commands.map((command) => [command, `${fileNameOf(command)}.js`]));

/** Returns the name of the package of an imported module: `@scope/name/part` is of `@scope/name`. */
const packageOf = (module: string): string =>
  module
    .split('/')
    .slice(0, module.startsWith('@') ? 2 : 1)
    .join('/');

/** Returns the version of each package, as the root or the source itself pins it. */
function versionsOf(names: readonly string[], own: Manifest): Readonly<Record<string, string>> {
  const root = readManifest('.');
  const pinned = { ...root.devDependencies, ...root.dependencies, ...own.devDependencies, ...own.dependencies };
  return Object.fromEntries(
    names.toSorted().map((name) => {
      const version = pinned[name];
      if (version === undefined) throw new Error(`${own.name} imports ${name}, which no package.json here names.`);
      return [name, version];
    }),
  );
}
