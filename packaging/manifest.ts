import { readdirSync } from 'node:fs';
import { builtPathOf, fileNameOf } from './file-names.ts';
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
export function manifestOf(source: PackageSource, { folder, imported }: BuiltFolder): object {
  const { modules, commands, found = [], inside = [] } = source;
  const own = readManifest(source.source);
  const pinning = [readManifest('.'), ...inside.map(readManifest), own];
  const { peerDependencies, peerDependenciesMeta } = own;
  const names = new Set([...imported.map(packageOf), ...found]);
  const needed = [...names].filter((name) => peerDependencies?.[name] === undefined);
  const { version, license } = readManifest('.');
  return {
    name: own.name,
    version,
    description: own.description,
    license,
    type: 'module',
    sideEffects: false,
    exports: { ...exportsOf(Object.keys(modules)), './package.json': './package.json' },
    ...(commands !== undefined && { bin: binOf(commands) }),
    files: readdirSync(folder).filter((file) => !ALWAYS_PACKED.includes(file)),
    engines: own.engines,
    ...(needed.length > 0 && { dependencies: versionsOf(needed, pinning) }),
    ...optionalOf(pinning),
    peerDependencies,
    peerDependenciesMeta,
  };
}

const exportsOf = (paths: readonly string[]): object =>
  Object.fromEntries(
    paths.map((path) => {
      const file = `./${fileNameOf(path)}`;
      return [path, { types: `${file}.d.ts`, default: `${file}.js` }];
    }),
  );

const binOf = (commands: Readonly<Record<string, string>>): object =>
  Object.fromEntries(Object.entries(commands).map(([name, module]) => [name, `${builtPathOf(module)}.js`]));

/** Returns the name of the package of an imported module: `@scope/name/part` is of `@scope/name`. */
const packageOf = (module: string): string =>
  module
    .split('/')
    .slice(0, module.startsWith('@') ? 2 : 1)
    .join('/');

/** Returns the version of each package, as the last of the package.json files pins it. */
function versionsOf(names: readonly string[], manifests: readonly Manifest[]): Readonly<Record<string, string>> {
  const pinned = Object.assign({}, ...manifests.flatMap((each) => [each.devDependencies, each.dependencies]));
  const versions = new Map<string, string>(Object.entries(pinned));
  return Object.fromEntries(
    names.toSorted().map((name) => {
      const version = versions.get(name);
      if (version === undefined) throw new Error(`The code imports ${name}, which no package.json here names.`);
      return [name, version];
    }),
  );
}

/** Returns the optional dependencies of the package.json files, if there are any. */
function optionalOf(manifests: readonly Manifest[]): object {
  const optionalDependencies = Object.assign({}, ...manifests.map((each) => each.optionalDependencies));
  return Object.keys(optionalDependencies).length > 0 ? { optionalDependencies } : {};
}
