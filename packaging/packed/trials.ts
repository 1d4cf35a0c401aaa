import { bundleClient } from './bundle-client.ts';
import { checkTypes } from './check-types.ts';
import { lintPackages } from './lint-packages.ts';
import { runServer } from './run-server.ts';
import { synthesizeApp } from './synthesize-app.ts';

/** A trial of the packages. */
export interface Trial {
  readonly name: string;
  /** Rejects with what went wrong. */
  readonly run: () => Promise<void>;
}

/** Returns the trials of packed packages. */
export function trialsOf(
  tarballs: ReadonlyMap<string, string>,
  { hasAllBundlers }: { readonly hasAllBundlers: boolean },
): readonly Trial[] {
  const pathsOf = (...names: readonly string[]): readonly string[] =>
    names.map((name) => {
      const path = tarballs.get(name);
      if (path === undefined) throw new Error(`There is no tarball of ${name}.`);
      return path;
    });
  return [
    { name: 'publint finds nothing in any package', run: () => lintPackages([...tarballs.values()]) },
    { name: 'tsc 5.9, 6 and 7 check a client and a React page', run: () => checkTypes(pathsOf('client', 'react')) },
    {
      name: 'bundlers take the client, and the bundle runs',
      run: () => bundleClient(pathsOf('client'), hasAllBundlers),
    },
    { name: 'a back end publishes by schema and mints a token', run: () => runServer(pathsOf('server')) },
    { name: 'a CDK app synthesizes two instances', run: () => synthesizeApp(pathsOf('cdk')) },
  ];
}
