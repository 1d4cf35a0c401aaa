/**
 * The folders in which modules of a function are searched: its task root, and `/opt`, which is made of its layers. Part
 * of the bootstrap, so its only imports are node:*.
 */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The place of a module in the folders of a function. */
export interface ModulePlace {
  readonly file: string;
  /** The task root, or the layer. */
  readonly root: string;
}

/** Returns the root that a module is in; undefined for one of the machine, such as the SDK. */
export function rootOf(url: string, roots: readonly string[]): string | undefined {
  if (!url.startsWith('file:')) return undefined;
  const file = fileURLToPath(url);
  return roots.find((root) => file.startsWith(`${root}${path.sep}`));
}

/** Lists a folder and those above it, up to a root. */
export function foldersUpTo(folder: string, root: string): readonly string[] {
  const folders = [folder];
  for (let at = folder; at !== root && at !== path.dirname(at); ) folders.push((at = path.dirname(at)));
  return folders;
}

/** Returns the name of the package in a specifier. */
export const packageName = (specifier: string): string =>
  specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');

/** Returns whether a relative path leads out of its root, where nothing is on Lambda. */
export function leavesRoot(specifier: string, { file, root }: ModulePlace): boolean {
  if (!specifier.startsWith('.')) return false;
  const target = path.resolve(path.dirname(file), specifier);
  return target !== root && !target.startsWith(`${root}${path.sep}`);
}

/** Returns whether a package is in a root: beside a module, above it, or, by NODE_PATH, a file of the root. */
export function hasPackage(specifier: string, { file, root }: ModulePlace): boolean {
  const name = packageName(specifier);
  if (hasIn(foldersUpTo(path.dirname(file), root), name)) return true;
  return ['', '.js', '.json'].some((end) => existsSync(path.join(root, specifier + end))) || isOwn(name, root);
}

const hasIn = (folders: readonly string[], name: string): boolean =>
  folders.some((folder) => existsSync(path.join(folder, 'node_modules', name)));

/** Returns whether a name is that of the package in a root, which may import itself. */
function isOwn(name: string, root: string): boolean {
  const manifest = path.join(root, 'package.json');
  return existsSync(manifest) && JSON.parse(readFileSync(manifest, 'utf8')).name === name;
}

/** Returns the path of a file that is named as it is on Lambda, `/opt/…`; undefined for any other. */
export function findInLayers(specifier: string, layers: readonly string[]): string | undefined {
  if (!specifier.startsWith('/opt/')) return undefined;
  const files = layers.map((layer) => path.join(layer, specifier.slice('/opt/'.length)));
  return files.find((file) => ['', '.js', '.mjs', '.cjs', '.json'].some((end) => existsSync(file + end)));
}

/** The search for a package in layers. */
interface LayerSearch {
  readonly layers: readonly string[];
  /** Whether NODE_PATH counts: for `require`, and not for `import`, here and on Lambda. */
  readonly hasNodePath: boolean;
}

/**
 * Lists the folders of layers that have a package for a module. On Lambda all layers are one folder, so that a module
 * in one finds the packages beside and above it in each.
 */
export function layerFolders(
  specifier: string,
  { file, root }: ModulePlace,
  { layers, hasNodePath }: LayerSearch,
): readonly string[] {
  const above = layers.includes(root) ? foldersUpTo(path.dirname(file), root) : [];
  const beside = above.flatMap((folder) => layers.map((layer) => path.join(layer, path.relative(root, folder))));
  const byPath = ['nodejs/' + versionFolder(), 'nodejs'].flatMap((folder) =>
    layers.map((layer) => path.join(layer, folder)),
  );
  const name = packageName(specifier);
  return [...beside, ...(hasNodePath ? byPath : [])].filter((folder) => hasIn([folder], name));
}

/** Returns the folder of a layer for the function's version of Node.js. */
const versionFolder = (): string => `node${/nodejs(\d+)/.exec(process.env['AWS_EXECUTION_ENV'] ?? '')?.[1] ?? ''}`;
