/**
 * The types of `.js` files of a function, which Lambda does not take from a package.json above its roots: nothing is
 * there. Part of the bootstrap, so its only imports are node:*.
 */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire, registerHooks } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { compileFunction } from 'node:vm';
import { foldersUpTo, rootOf } from './module-roots.ts';

/** The parameters of the function that Node makes of a CommonJS file. */
const COMMON_JS = ['exports', 'require', 'module', '__filename', '__dirname'];

/** Loads the `.js` files of roots by their syntax, where a package.json above has a type and none inside does. */
export function confineTypes(roots: readonly string[]): void {
  if (!roots.some(hasTypeAbove)) return;
  registerHooks({
    load: (url, context, next) => {
      const root = rootOf(url, roots);
      if (root === undefined || !url.endsWith('.js') || findManifest(fileURLToPath(url), root)) {
        return next(url, context);
      }
      const source = readFileSync(fileURLToPath(url), 'utf8');
      if (!isCommonJs(source)) return { format: 'module', source, shortCircuit: true };
      if (context.conditions.includes('require')) return { format: 'commonjs', source, shortCircuit: true };
      return { format: 'module', source: asModule(fileURLToPath(url)), shortCircuit: true };
    },
  });
}

/** Returns whether the nearest package.json above a root has a type. Without one, Node looks at the syntax. */
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
