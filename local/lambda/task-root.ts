/**
 * The modules of a function, as Lambda finds them: in its task root, and the SDK that Lambda brings along. Part of the
 * bootstrap, so its only imports are node:*.
 */
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import {
  createRequire,
  isBuiltin,
  registerHooks,
  type ResolveFnOutput,
  type ResolveHookContext,
  type ResolveHookSync,
} from 'node:module';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { compileFunction } from 'node:vm';

/** The packages that Lambda brings along. */
const SDK_PACKAGE = /^@(?:aws-sdk|smithy)\//;

/** A specifier that names no package: a path, a URL, or a name of the package itself. */
const NO_PACKAGE = /^(?:\.|\/|#|[a-z]+:)/;

/** The parameters of the function that Node makes of a CommonJS file. */
const COMMON_JS = ['exports', 'require', 'module', '__filename', '__dirname'];

/** The options of a task root. */
export interface TaskRootOptions {
  readonly directory: string;
  /** The files from whose directories up the SDK is found. The first that finds a package wins. */
  readonly sdkParents: readonly string[];
  /** The directories that are at /opt on Lambda, the one that counts first. */
  readonly layers: readonly string[];
}

interface Search {
  readonly context: ResolveHookContext;
  readonly parents: readonly string[];
  readonly next: Parameters<ResolveHookSync>[2];
}

/**
 * Ends the search for modules at the task root: nothing lies above it on Lambda. A package that was not packaged is not
 * found, and a package.json above does not decide the type of a `.js` file. Node's own loader does everything else.
 */
export function confineModules({ directory: given, sdkParents, layers }: TaskRootOptions): void {
  // Node's loader knows files by their real paths.
  const directory = realpathSync(given);
  const isInside = (url: string): boolean =>
    url.startsWith('file:') && fileURLToPath(url).startsWith(`${directory}${path.sep}`);
  registerHooks({
    resolve: (specifier, context, next) => {
      // Kept here: the context is changed by a search with another parent.
      const { parentURL = '', conditions } = context;
      const inLayer = findInLayers(specifier, layers);
      if (inLayer !== undefined) return next(inLayer, context);
      if (NO_PACKAGE.test(specifier) || isBuiltin(specifier) || !isInside(parentURL)) return next(specifier, context);
      if (hasPackage(specifier, { parentURL, directory })) return next(specifier, context);
      // Node looks for packages of layers by NODE_PATH, which `import` does not ask, here and on Lambda.
      if (!conditions.includes('import') && isInLayers(specifier, layers)) return next(specifier, context);
      return findInSdk(specifier, { context, parents: sdkParents, next }) ?? fail(specifier, { parentURL, conditions });
    },
  });
  if (!hasTypeAbove(directory)) return;
  registerHooks({
    load: (url, context, next) => {
      if (!url.endsWith('.js') || !isInside(url) || findManifest(fileURLToPath(url), directory)) {
        return next(url, context);
      }
      const source = readFileSync(fileURLToPath(url), 'utf8');
      if (!isCommonJs(source)) return { format: 'module', source, shortCircuit: true };
      if (context.conditions.includes('require')) return { format: 'commonjs', source, shortCircuit: true };
      return { format: 'module', source: asModule(fileURLToPath(url)), shortCircuit: true };
    },
  });
}

/** Returns whether a package is in the task root: beside a module, above it, or, by NODE_PATH, a file of the root. */
function hasPackage(specifier: string, place: { readonly parentURL: string; readonly directory: string }): boolean {
  const { directory } = place;
  const name = packageName(specifier);
  const folders = foldersUpTo(path.dirname(fileURLToPath(place.parentURL)), directory);
  if (folders.some((folder) => existsSync(path.join(folder, 'node_modules', name)))) return true;
  return (
    ['', '.js', '.json'].some((end) => existsSync(path.join(directory, specifier + end))) || isOwn(name, directory)
  );
}

const packageName = (specifier: string): string => specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');

/** Returns whether a name is that of the package in the task root, which may import itself. */
function isOwn(name: string, directory: string): boolean {
  const manifest = path.join(directory, 'package.json');
  return existsSync(manifest) && JSON.parse(readFileSync(manifest, 'utf8')).name === name;
}

function foldersUpTo(folder: string, root: string): readonly string[] {
  const folders = [folder];
  for (let at = folder; at !== root && at !== path.dirname(at); ) folders.push((at = path.dirname(at)));
  return folders;
}

/** Returns the path of a file that is named as it is on Lambda, `/opt/…`; undefined for any other. */
function findInLayers(specifier: string, layers: readonly string[]): string | undefined {
  if (!specifier.startsWith('/opt/')) return undefined;
  const files = layers.map((layer) => path.join(layer, specifier.slice('/opt/'.length)));
  return files.find((file) => ['', '.js', '.mjs', '.cjs', '.json'].some((end) => existsSync(file + end)));
}

function isInLayers(specifier: string, layers: readonly string[]): boolean {
  const name = packageName(specifier);
  const folders = layers.flatMap((layer) => [path.join(layer, 'nodejs'), ...versionFolders(layer)]);
  return folders.some((folder) => existsSync(path.join(folder, 'node_modules', name)));
}

/** Returns the folders of a layer for the versions of Node.js that Lambda has. */
const versionFolders = (layer: string): readonly string[] =>
  ['node18', 'node20', 'node22', 'node24'].map((version) => path.join(layer, 'nodejs', version));

function findInSdk(specifier: string, { context, parents, next }: Search): ResolveFnOutput | undefined {
  if (!SDK_PACKAGE.test(specifier)) return undefined;
  for (const parent of parents) {
    try {
      if (context.conditions.includes('import')) {
        return next(specifier, { ...context, parentURL: pathToFileURL(parent).href });
      }
      // The default resolution of `require` does not look at the parent in the context.
      return { url: pathToFileURL(createRequire(parent).resolve(specifier)).href, shortCircuit: true };
    } catch {
      // Not found from there: the next one may find it.
    }
  }
  return undefined;
}

interface Importer {
  readonly parentURL: string;
  readonly conditions: readonly string[];
}

/** Throws Node's own error for a package that is not found, with what to do about a package of the SDK. */
function fail(specifier: string, { conditions, parentURL }: Importer): never {
  const isImport = conditions.includes('import');
  const from = fileURLToPath(parentURL);
  const found = isImport
    ? `Cannot find package '${specifier}' imported from ${from}`
    : `Cannot find module '${specifier}'\nRequire stack:\n- ${from}`;
  const name = packageName(specifier);
  const message = SDK_PACKAGE.test(name) ? `${found} (Lambda brings it along; here, npm install -D ${name})` : found;
  throw Object.assign(new Error(message), { code: isImport ? 'ERR_MODULE_NOT_FOUND' : 'MODULE_NOT_FOUND' });
}

/** Returns whether the nearest package.json above the task root has a type. Without one, Node looks at the syntax. */
function hasTypeAbove(directory: string): boolean {
  const manifest = findManifest(directory, path.parse(directory).root);
  return manifest !== undefined && JSON.parse(readFileSync(manifest, 'utf8')).type !== undefined;
}

/** Returns the nearest package.json in the folders above a path, up to the root. */
function findManifest(file: string, root: string): string | undefined {
  return foldersUpTo(path.dirname(file), root)
    .map((folder) => path.join(folder, 'package.json'))
    .find((manifest) => existsSync(manifest));
}

/** Returns whether a file is CommonJS: like Node, it takes for that everything that compiles as a function body. */
function isCommonJs(source: string): boolean {
  try {
    compileFunction(source, COMMON_JS);
    return true;
  } catch {
    // `import` or `export`, or invalid JavaScript: loading it as a module shows which.
    return false;
  }
}

/**
 * Returns a module that exports what a CommonJS file exports. Node's own import of such a file asks the package.json
 * above again, and takes the file for a module.
 */
function asModule(file: string): string {
  const from = JSON.stringify(file);
  const names = Object.keys(Object(createRequire(file)(file))).filter((name) => name !== 'default');
  const exported = names.map((name, at) => {
    const key = JSON.stringify(name);
    return `const v${at} = m[${key}]; export { v${at} as ${key} };`;
  });
  const load = `import { createRequire } from 'node:module'; const m = createRequire(${from})(${from});`;
  return [load, 'export default m;', ...exported].join('\n');
}
