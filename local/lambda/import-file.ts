import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * Loads a function's module as Lambda's runtime does: a `.mjs` file, and a `.js` file of a package with the type
 * `module`, by `import`; any other file by `require`, which loads modules too.
 */
export async function importFile(file: string, root: string): Promise<unknown> {
  const isModule = file.endsWith('.mjs') || (file.endsWith('.js') && isTypeModule(path.dirname(file), root));
  return isModule ? import(pathToFileURL(file).href) : createRequire(file)(file);
}

function isTypeModule(folder: string, root: string): boolean {
  const manifest = path.join(folder, 'package.json');
  if (existsSync(manifest)) return JSON.parse(readFileSync(manifest, 'utf8')).type === 'module';
  return folder.startsWith(root) && folder !== root && isTypeModule(path.dirname(folder), root);
}
