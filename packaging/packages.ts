/** A package that `npm run build` makes of sources of this repository. */
export interface PackageSource {
  /** The folder of its private package.json and of its README.md, from the root of the repository. */
  readonly source: string;
  /** The platform that runs the built code. Code for browsers imports no module of Node. */
  readonly platform: 'browser' | 'node';
  /** The module behind each path of `exports`: `.` is the package itself, `./testing` is `NAME/testing`. */
  readonly modules: Readonly<Record<string, string>>;
  /** The module behind each command of `bin`, built under its own path. Default: none. */
  readonly commands?: Readonly<Record<string, string>>;
  /** Further modules that are started by their path, each built under it. Default: none. */
  readonly programs?: readonly string[];
  /**
   * Folders of private packages whose code is inside this one. The versions that they pin count, and their optional
   * dependencies come along. Default: none.
   */
  readonly inside?: readonly string[];
  /** Packages that the code finds by their path, so that no import shows them. Default: none. */
  readonly found?: readonly string[];
  /** The report of the public surface, which the build writes and a test compares. Default: none. */
  readonly report?: string;
  /** Adds further files to the built folder, such as bundles that travel in the package. Default: none. */
  readonly addFiles?: (folder: string) => Promise<void>;
}

/** The settings of one build. */
export interface BuildSettings {
  /** The folder that the package is built into. Emptied first. */
  readonly folder: string;
  /** Whether the report stays as it is. If true, the build fails when it differs. */
  readonly keepsReport: boolean;
}

/**
 * The packages by their folder in `dist/`. A package's name, description, engines and peers are those of its source's
 * package.json. Its dependencies are what the built code imports, in the versions that the root pins.
 */
export const PACKAGES: Readonly<Record<string, PackageSource>> = {
  client: {
    source: 'client',
    platform: 'browser',
    modules: { '.': 'client/src/index.ts' },
    report: 'client/client.api.md',
  },
  react: {
    source: 'react',
    platform: 'browser',
    modules: { '.': 'react/src/index.ts' },
    report: 'react/react.api.md',
  },
  server: {
    source: 'server',
    platform: 'node',
    modules: { '.': 'server/src/index.ts' },
    report: 'server/server.api.md',
  },
  cdk: {
    source: 'packaging/cdk',
    platform: 'node',
    modules: { '.': 'infra/index.ts' },
    report: 'packaging/cdk/cdk.api.md',
    addFiles: async (folder) => (await import('./add-handlers.ts')).addHandlers(folder),
  },
  distributary: {
    source: 'packaging/distributary',
    platform: 'node',
    modules: {},
    commands: { distributary: 'cli/main.ts' },
    programs: ['local/gateway/edge-process.ts'],
    inside: ['local'],
    found: ['ajv', 'fauxqs', 'velocityjs', 'yaml'],
    addFiles: async (folder) => (await import('./add-parts.ts')).addParts(folder),
  },
};
