import { readFile } from 'node:fs/promises';
import { builtinModules } from 'node:module';
import { dirname } from 'node:path';
import type { OnLoadResult, OnResolveArgs, Plugin } from 'esbuild';

/** A replacement of a module in the bundles. */
interface Replacement {
  /** The import path that the replacement is for. */
  readonly module: RegExp;
  /** Whether the replacement applies to this import of the module. */
  readonly applies: (args: OnResolveArgs) => boolean;
  /** The source code that takes the module's place. */
  readonly contents: string;
}

const always = (): boolean => true;

/**
 * The replaced parts of the SDK, which no Lambda of this project can reach. A part that is reached after all throws.
 */
const REPLACEMENTS: readonly Replacement[] = [
  {
    // Lambda passes credentials only in the environment. This provider reads them at each call, and fails clearly without.
    module: /^@aws-sdk\/credential-provider-node$/,
    applies: always,
    contents: "export { fromEnv as defaultProvider } from '@aws-sdk/credential-provider-env';",
  },
  {
    // Only responses with event streams load this module, by a dynamic import; DynamoDB has none.
    module: /^@smithy\/core\/event-streams$/,
    applies: ({ kind }) => kind === 'dynamic-import',
    contents: "throw new Error('This bundle has no event streams.');",
  },
  {
    // Each client creates one, but none uses it: no command of DynamoDB discovers its endpoint any more.
    module: /^@aws-sdk\/endpoint-cache$/,
    applies: always,
    contents:
      "export class EndpointCache { get() { throw new Error('This bundle discovers no endpoints.'); } has() { return false; } }",
  },
  {
    // The calls of DynamoDB go by a short way over sockets of our own (shared/store/lean-calls.ts). Other clients of the
    // same bundle keep this handler.
    module: /^@smithy\/node-http-handler$/,
    applies: ({ importer }) => /[\\/]client-dynamodb[\\/]/.test(importer),
    contents:
      "const refuse = () => { throw new Error('This bundle makes this call of DynamoDB by no other way.'); };" +
      'export class NodeHttpHandler { static create() { return new NodeHttpHandler(); } handle() { refuse(); } }' +
      'export const streamCollector = refuse;',
  },
  {
    // Needed only where Node was built without cryptography.
    module: /^\.\/Sha256Js$/,
    applies: ({ importer }) => /[\\/]Sha256Node\.js$/.test(importer),
    contents: "export class Sha256Js { constructor() { throw new Error('This bundle needs the SHA-256 of Node.'); } }",
  },
];

/** Replaces the modules of `REPLACEMENTS`, which the Lambdas never use. */
export const replaceUnused: Plugin = {
  name: 'replace-unused',
  setup: (build) => {
    for (const [index, { module, applies, contents }] of REPLACEMENTS.entries()) {
      const namespace = `replacement-${index}`;
      build.onResolve({ filter: module }, (args) =>
        applies(args) ? { path: args.path, namespace, pluginData: args.resolveDir } : undefined,
      );
      build.onLoad(
        { filter: module, namespace },
        ({ pluginData }): OnLoadResult => ({ contents, resolveDir: pluginData }),
      );
    }
  },
};

const BUILTIN = 'builtin';

/**
 * Loads Node's built-in modules by `process.getBuiltinModule`. An `import` of one reads all its exports: one of
 * node:http loads all of undici, one of node:crypto all of WebCrypto. CommonJS code calls `require`, which an ES module
 * does not have.
 */
export const builtinsByName: Plugin = {
  name: 'builtins-by-name',
  setup: (build) => {
    build.onResolve({ filter: /^(node:)?[a-z_0-9/]+$/ }, ({ path }) => {
      const name = path.replace(/^node:/, '');
      return builtinModules.includes(name) ? { path: `node:${name}`, namespace: BUILTIN } : undefined;
    });
    build.onLoad({ filter: /./, namespace: BUILTIN }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule(${JSON.stringify(path)});`,
    }));
  },
};

/** Reduces each package.json in a bundle to `name` and `version`, the fields that packages read. */
export const namesAndVersions: Plugin = {
  name: 'names-and-versions',
  setup: (build) =>
    build.onLoad({ filter: /[\\/]node_modules[\\/].*[\\/]package\.json$/ }, async ({ path }) => {
      const { name, version }: { name?: unknown; version?: unknown } = JSON.parse(await readFile(path, 'utf8'));
      return { contents: JSON.stringify({ name, version }), loader: 'json' };
    }),
};

const LOGGER = '@aws-lambda-powertools/logger';

/**
 * Resolves the `commons` package of the metrics to the logger's copy. Each brings its own copy of the same version, and
 * without this a bundle would have both.
 */
export const onePowertoolsCommons: Plugin = {
  name: 'one-powertools-commons',
  setup: (build) => {
    build.onResolve(
      { filter: /^@aws-lambda-powertools\/commons(\/|$)/ },
      async ({ path, kind, resolveDir, importer }) => {
        if (!/[\\/]metrics[\\/]lib[\\/]/.test(importer)) return undefined;
        const logger = await build.resolve(LOGGER, { kind, resolveDir });
        return build.resolve(path, { kind, resolveDir: dirname(logger.path) });
      },
    );
  },
};
