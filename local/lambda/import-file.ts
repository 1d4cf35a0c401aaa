import { existsSync, readFileSync } from 'node:fs';
import { createRequire, registerHooks } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { compileFunction, constants } from 'node:vm';

/**
 * Imports a function's module. On Lambda nothing lies above /var/task, so a package.json above the bundle's directory
 * must not decide the module type of a `.js` file. Node.js would search for one, so the type is decided by the file's
 * syntax.
 */
export async function importFile(file: string): Promise<unknown> {
  const url = pathToFileURL(file).href;
  if (!file.endsWith('.js') || existsSync(path.join(path.dirname(file), 'package.json'))) return import(url);
  const commonJs = compileCommonJs(file);
  if (commonJs !== undefined) return commonJs();
  registerHooks({ load: (at, context, next) => next(at, at === url ? { ...context, format: 'module' } : context) });
  return import(url);
}

/**
 * Compiles a file as CommonJS. Like Node.js without a package.json, it takes everything that compiles as a function
 * body for CommonJS.
 */
function compileCommonJs(file: string): (() => unknown) | undefined {
  const parameters = ['exports', 'require', 'module', '__filename', '__dirname'];
  const options = { filename: file, importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER };
  try {
    const run = compileFunction(readFileSync(file, 'utf8'), parameters, options);
    return () => {
      const module = { exports: {} };
      run(module.exports, createRequire(file), module, file, path.dirname(file));
      return module.exports;
    };
  } catch {
    // `import` or `export`, or invalid JavaScript: importing it as a module shows which.
    return undefined;
  }
}
