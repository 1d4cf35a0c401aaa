import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

interface LockedPackage {
  readonly version?: string;
  readonly resolved?: string;
  readonly link?: boolean;
  readonly inBundle?: boolean;
  readonly integrity?: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

interface Manifest {
  readonly workspaces?: readonly string[];
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const ROOT = resolve(import.meta.dirname, '..');
const readManifest = (folder: string): Manifest => JSON.parse(readFileSync(join(ROOT, folder, 'package.json'), 'utf8'));
const { workspaces = [] } = readManifest('.');
const { packages }: { packages: Readonly<Record<string, LockedPackage>> } = JSON.parse(
  readFileSync(join(ROOT, 'package-lock.json'), 'utf8'),
);

/** Lists the places where a package in `path` may find `name`, nearest first. */
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

  it('has the hash of every package, those of other platforms too: `npm ci` checks what it downloads', () => {
    // A package in another one's archive is covered by the hash of that one.
    const downloaded = Object.entries(packages).filter(
      ([path, { link, inBundle }]) => path.includes('node_modules/') && link !== true && inBundle !== true,
    );

    expect(downloaded.length).toBeGreaterThan(500);
    expect(
      downloaded.filter(([, { integrity }]) => integrity?.startsWith('sha512-') !== true).map(([path]) => path),
    ).toEqual([]);
  });
});

describe.each(['.', ...workspaces])('%s/package.json', (folder) => {
  const { dependencies, devDependencies, optionalDependencies } = readManifest(folder);
  const declared = Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies });

  it('pins every dependency, so that what was tested is what runs', () => {
    expect(declared.filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
  });

  it('has each package in one version, at the root of node_modules', () => {
    const elsewhere = declared.filter(([name, version]) => packages[`node_modules/${name}`]?.version !== version);

    expect(elsewhere).toEqual([]);
  });
});
