import { readFile } from 'node:fs/promises';
import { builtinModules } from 'node:module';
import { dirname } from 'node:path';
import type { OnLoadResult, OnResolveArgs, Plugin } from 'esbuild';

interface Replacement {
  readonly module: RegExp;
  /** Whether this import is meant, of all that name the module. */
  readonly applies: (args: OnResolveArgs) => boolean;
  readonly contents: string;
}

const always = (): boolean => true;

/** Parts of the SDK that no Lambda of this project can reach. What is reached against all expectation says so. */
const REPLACEMENTS: readonly Replacement[] = [
  {
    // Lambda hands credentials over in the environment, and nowhere else. Asked anew each time, and clear when they lack.
    module: /^@aws-sdk\/credential-provider-node$/,
    applies: always,
    contents: "export { fromEnv as defaultProvider } from '@aws-sdk/credential-provider-env';",
  },
  {
    // Only answers with event streams ask for them, by an import of their own; DynamoDB has none.
    module: /^@smithy\/core\/event-streams$/,
    applies: ({ kind }) => kind === 'dynamic-import',
    contents: "throw new Error('This bundle has no event streams.');",
  },
  {
    // Made by each client, used by none: no command of DynamoDB discovers its endpoint any more.
    module: /^@aws-sdk\/endpoint-cache$/,
    applies: always,
    contents:
      "export class EndpointCache { get() { throw new Error('This bundle discovers no endpoints.'); } has() { return false; } }",
  },
  {
    // For where Node was built without cryptography.
    module: /^\.\/Sha256Js$/,
    applies: ({ importer }) => /[\\/]Sha256Node\.js$/.test(importer),
    contents: "export class Sha256Js { constructor() { throw new Error('This bundle needs the SHA-256 of Node.'); } }",
  },
];

/** Leaves out what Lambda never uses. */
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
 * Node's own modules where an `import` is too dear or does not fit. An `import` of node:http reads all its exports, one of
 * which loads the whole of undici; and what is CommonJS in a bundle asks by `require`, which an ES module lacks.
 */
export const builtinsByName: Plugin = {
  name: 'builtins-by-name',
  setup: (build) => {
    build.onResolve({ filter: /^(node:)?[a-z_0-9/]+$/ }, ({ path, kind }) => {
      const name = path.replace(/^node:/, '');
      const isMeant = builtinModules.includes(name) && (kind === 'require-call' || name === 'http');
      return isMeant ? { path: `node:${name}`, namespace: BUILTIN } : undefined;
    });
    build.onLoad({ filter: /./, namespace: BUILTIN }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule(${JSON.stringify(path)});`,
    }));
  },
};

/** A package tells its version from its package.json: the rest of that file, mostly scripts, is of no use in a bundle. */
export const namesAndVersions: Plugin = {
  name: 'names-and-versions',
  setup: (build) =>
    build.onLoad({ filter: /[\\/]node_modules[\\/].*[\\/]package\.json$/ }, async ({ path }) => {
      const { name, version }: { name?: unknown; version?: unknown } = JSON.parse(await readFile(path, 'utf8'));
      return { contents: JSON.stringify({ name, version }), loader: 'json' };
    }),
};

const LOGGER = '@aws-lambda-powertools/logger';

/** Logger and metrics, of one version always, each bring the same package in a copy of its own: the logger's serves both. */
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
