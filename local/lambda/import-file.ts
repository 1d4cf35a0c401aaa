import { existsSync, readFileSync } from 'node:fs';
import { createRequire, registerHooks } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { compileFunction, constants } from 'node:vm';

/**
 * Nothing lies above /var/task: a package.json above a bundle's folder must not decide what kind of module its `.js` is.
 * Node.js would look for one, so such a file is loaded by what it is.
 */
export async function importFile(file: string): Promise<unknown> {
  const url = pathToFileURL(file).href;
  if (!file.endsWith('.js') || existsSync(path.join(path.dirname(file), 'package.json'))) return import(url);
  const commonJs = compileCommonJs(file);
  if (commonJs !== undefined) return commonJs();
  registerHooks({ load: (at, context, next) => next(at, at === url ? { ...context, format: 'module' } : context) });
  return import(url);
}

/** As Node.js itself tells them apart where no package.json does: what compiles as a function's body is CommonJS. */
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
    // `import` or `export`, or no JavaScript at all: loading it as a module says which.
    return undefined;
  }
}
