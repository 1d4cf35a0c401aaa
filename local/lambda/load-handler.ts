/** The function's code and its handler, as Lambda's runtime loads them. Part of the bootstrap. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { HandlingRuntime } from './callback-handlers.ts';
import { importFile } from './import-file.ts';
import { isStreaming } from './response-stream.ts';
import { RuntimeFailure } from './runtime-failure.ts';

type Handler = HandlingRuntime['handler'];

/** The extensions of a function's module, in the order in which Lambda tries them. */
const MODULE_EXTENSIONS = ['.js', '.mjs', '.cjs'] as const;
/** The number of parameters of a callback handler, which Node.js 24 on Lambda no longer supports. */
const CALLBACK_PARAMETERS = 3;
/** The last major version of Node.js whose runtime supports callbacks. */
const CALLBACK_VERSION = 22;

/** Loads the handler of a function, given its task root and its name in Lambda's form, `file.export`. */
export async function loadHandler(root: string, name: string): Promise<Handler> {
  if (name.includes('..')) {
    const advice = 'Use absolute paths when specifying root directories in handler names.';
    throw new RuntimeFailure('MalformedHandlerName', `'${name}' is not a valid handler name. ${advice}`);
  }
  const [, moduleName, exportPath] = /^([^.]*)\.(.*)$/.exec(path.basename(name)) ?? [];
  if (moduleName === undefined || exportPath === undefined) {
    throw new RuntimeFailure('MalformedHandlerName', 'Bad handler');
  }
  const userModule = await importModule(path.resolve(root, path.dirname(name), moduleName), root);
  return checkHandler(
    findExport(userModule, exportPath) ?? findExport(property(userModule, 'default'), exportPath),
    name,
  );
}

async function importModule(file: string, root: string): Promise<unknown> {
  const found = MODULE_EXTENSIONS.map((extension) => file + extension).find((candidate) => existsSync(candidate));
  if (found === undefined) {
    throw new RuntimeFailure('ImportModuleError', `Error: Cannot find module '${path.basename(file)}'`);
  }
  try {
    return await importFile(found, root);
  } catch (error) {
    if (error instanceof SyntaxError) throw new RuntimeFailure('UserCodeSyntaxError', String(error), error.stack);
    if (error instanceof Error && property(error, 'code') === 'MODULE_NOT_FOUND') {
      throw new RuntimeFailure('ImportModuleError', String(error), error.stack);
    }
    throw error;
  }
}

function property(value: unknown, key: string): unknown {
  return (typeof value === 'object' && value !== null) || typeof value === 'function'
    ? Reflect.get(value, key)
    : undefined;
}

function findExport(container: unknown, exportPath: string): unknown {
  return exportPath.split('.').reduce(property, container);
}

function checkHandler(handler: unknown, name: string): Handler {
  if (!handler) throw new RuntimeFailure('HandlerNotFound', `${name} is undefined or not exported`);
  if (!isHandler(handler)) throw new RuntimeFailure('HandlerNotFound', `${name} is not a function`);
  if (handler.length >= CALLBACK_PARAMETERS && !supportsCallbacks() && !isStreaming(handler)) {
    throw new RuntimeFailure(
      'CallbackHandlerDeprecated',
      'ERROR: AWS Lambda has removed support for callback-based function handlers starting with Node.js 24. You need to modify this function to use a supported handler signature to use Node.js 24 or later. For more information see https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html.',
    );
  }
  return handler;
}

/** Returns whether the function's runtime supports handlers with callbacks. */
export function supportsCallbacks(): boolean {
  const [, version] = /nodejs(\d+)/.exec(process.env['AWS_EXECUTION_ENV'] ?? '') ?? [];
  return Number(version) <= CALLBACK_VERSION;
}

function isHandler(value: unknown): value is Handler {
  return typeof value === 'function';
}
