/** A package that `npm run build` makes of sources of this repository. */
export interface PackageSource {
  /** The folder of its private package.json and of its README.md, from the root of the repository. */
  readonly source: string;
  /** The platform that runs the built code. Code for browsers imports no module of Node. */
  readonly platform: 'browser' | 'node';
  /** The module behind each path of `exports`: `.` is the package itself, `./testing` is `NAME/testing`. */
  readonly modules: Readonly<Record<string, string>>;
  /** The module behind each command of `bin`. Default: none. */
  readonly commands?: Readonly<Record<string, string>>;
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
};
