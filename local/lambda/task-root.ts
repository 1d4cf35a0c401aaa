/**
 * The modules of a function, as Lambda finds them: in its task root, in its layers, and in the SDK that Lambda brings
 * along. Part of the bootstrap, so its only imports are node:*.
 */
import { realpathSync } from 'node:fs';
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
import { findInLayers, hasPackage, layerFolders, leavesRoot, packageName, rootOf } from './module-roots.ts';
import { confineTypes } from './module-types.ts';

/** The packages that Lambda brings along. */
const SDK_PACKAGE = /^@(?:aws-sdk|smithy)\//;

/** A specifier that names no package: a path, a URL, or a name of the package itself. */
const NO_PACKAGE = /^(?:\.|\/|#|[a-z]+:)/;

/** The options of a task root. */
export interface TaskRootOptions {
  readonly directory: string;
  /** The files from whose directories up the SDK is found. The first that finds a package wins. */
  readonly sdkParents: readonly string[];
  /** The directories that are at /opt on Lambda, the one that counts first. */
  readonly layers: readonly string[];
}

/**
 * Ends the search for modules at the task root, and for those of layers at `/opt`: nothing else is there on Lambda. A
 * package that was not packaged is not found, and a package.json above does not decide the type of a `.js` file. Node's
 * own loader does everything else.
 */
export function confineModules({ directory: given, sdkParents, layers: named }: TaskRootOptions): void {
  // Node's loader knows files by their real paths.
  const directory = realpathSync(given);
  const layers = named.map((layer) => realpathSync(layer));
  const roots = [directory, ...layers];
  registerHooks({
    resolve: (specifier, context, next) => {
      const inLayer = findInLayers(specifier, layers);
      if (inLayer !== undefined) return next(inLayer, context);
      const { parentURL = '' } = context;
      const root = rootOf(parentURL, roots);
      if (root === undefined || isBuiltin(specifier)) return next(specifier, context);
      const search = { specifier, context, next, file: fileURLToPath(parentURL), root };
      if (leavesRoot(specifier, search)) return fail(search);
      if (NO_PACKAGE.test(specifier) || hasPackage(specifier, search)) return next(specifier, context);
      return find(search, { layers, sdkParents });
    },
  });
  confineTypes(roots);
}

interface Search {
  readonly specifier: string;
  readonly context: ResolveHookContext;
  readonly next: Parameters<ResolveHookSync>[2];
  readonly file: string;
  readonly root: string;
}

/** Finds a package that is not in the root of its importer. Throws as Node does for one that is nowhere. */
function find(search: Search, { layers, sdkParents }: Omit<TaskRootOptions, 'directory'>): ResolveFnOutput {
  const { specifier } = search;
  const isImport = isImported(search);
  const folders = layerFolders(specifier, search, { layers, hasNodePath: !isImport });
  const parents = folders.map((folder) => path.join(folder, 'importer.js'));
  const sdk = SDK_PACKAGE.test(specifier) ? sdkParents : [];
  return findFrom(search, { parents: [...parents, ...sdk], isImport }) ?? fail(search);
}

// Asked before a search: the context is changed by one with another parent.
const isImported = ({ context }: Search): boolean => context.conditions.includes('import');

interface Parents {
  /** The files from which a package is searched. The first that finds it wins. */
  readonly parents: readonly string[];
  readonly isImport: boolean;
}

function findFrom({ specifier, context, next }: Search, { parents, isImport }: Parents): ResolveFnOutput | undefined {
  for (const parent of parents) {
    try {
      if (isImport) return next(specifier, { ...context, parentURL: pathToFileURL(parent).href });
      // The default resolution of `require` does not look at the parent in the context.
      return { url: pathToFileURL(createRequire(parent).resolve(specifier)).href, shortCircuit: true };
    } catch {
      // Not found from there: the next one may find it.
    }
  }
  return undefined;
}

/** Throws Node's own error for a module that is not found, with what to do about a package of the SDK. */
function fail(search: Search): never {
  const { specifier, file } = search;
  const isImport = isImported(search);
  const what = specifier.startsWith('.') ? 'module' : 'package';
  const found = isImport
    ? `Cannot find ${what} '${specifier}' imported from ${file}`
    : `Cannot find module '${specifier}'\nRequire stack:\n- ${file}`;
  const name = packageName(specifier);
  const message = SDK_PACKAGE.test(name) ? `${found} (Lambda brings it along; here, npm install -D ${name})` : found;
  throw Object.assign(new Error(message), { code: isImport ? 'ERR_MODULE_NOT_FOUND' : 'MODULE_NOT_FOUND' });
}
