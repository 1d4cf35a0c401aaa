import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

interface LockedPackage {
  readonly version?: string;
  readonly resolved?: string;
  readonly link?: boolean;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

const ROOT = resolve(import.meta.dirname, '..');
const manifest: Manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
const { packages }: { packages: Readonly<Record<string, LockedPackage>> } = JSON.parse(
  readFileSync(join(ROOT, 'package-lock.json'), 'utf8'),
);

/** Where a package in `path` may find `name`, nearest first. */
function placesOf(path: string, name: string): readonly string[] {
  const folders = path.split(/(?:^|\/)node_modules\//).slice(1);
  return [...folders.keys(), folders.length]
    .toReversed()
    .map((depth) => [...folders.slice(0, depth), name].map((folder) => `node_modules/${folder}`).join('/'));
}

describe('package-lock.json', () => {
  it('has the packages of all platforms: `npm ci` refuses a lock file that lacks any', () => {
    const wanted = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies).map((name) => ({ path, name })),
    );

    const missing = wanted.filter(({ path, name }) => !placesOf(path, name).some((place) => place in packages));
    expect(wanted.length).toBeGreaterThan(60);
    expect(missing.map(({ name }) => name)).toEqual([]);
  });

  it('names no host that packages came from', () => {
    const resolved = Object.values(packages).filter(({ resolved: from, link }) => from !== undefined && link !== true);

    expect(resolved).toEqual([]);
  });
});

describe('package.json', () => {
  it('pins every dependency, so that what was tested is what runs', () => {
    const ranges = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies }).filter(
      ([, version]) => !/^\d+\.\d+\.\d+$/.test(version),
    );

    expect(ranges).toEqual([]);
  });
});
