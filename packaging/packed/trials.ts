import { dirname } from 'node:path';
import { bundleClient } from './bundle-client.ts';
import { checkTypes } from './check-types.ts';
import type { FreshFolder } from './fresh-folder.ts';
import { initApp, initExample } from './init-app.ts';
import { lintPackages } from './lint-packages.ts';
import { runApp } from './run-app.ts';
import { runServer } from './run-server.ts';
import { synthesizeApp } from './synthesize-app.ts';

/** A trial of the packages. */
export interface Trial {
  readonly name: string;
  /** Resolves to a remark, if there is one. Rejects with what went wrong. */
  readonly run: () => Promise<string | undefined | void>;
}

/** The settings that the trials share. */
export interface TrialSettings {
  readonly hasAllBundlers: boolean;
  /** The folder of a CDK app with a page, which several trials use one after the other. */
  readonly shop: FreshFolder;
}

/** The packages of the shared folder beside the tarballs. */
const SHOP_PACKAGES = ['aws-cdk-lib@2.276.0', 'constructs@10.8.1', 'react@19.3.1', 'react-dom@19.3.1', 'vite@8.4.0'];

/** Returns the trials of packed packages. */
export function trialsOf(
  tarballs: ReadonlyMap<string, string>,
  { hasAllBundlers, shop }: TrialSettings,
): readonly Trial[] {
  const pathsOf = (...names: readonly string[]): readonly string[] =>
    names.map((name) => {
      const path = tarballs.get(name);
      if (path === undefined) throw new Error(`There is no tarball of ${name}.`);
      return path;
    });
  return [
    { name: 'publint and attw find nothing in any package', run: () => lintPackages([...tarballs.values()]) },
    { name: 'tsc 5.9, 6 and 7 check a client and a React page', run: () => checkTypes(pathsOf('client', 'react')) },
    {
      name: 'bundlers take the client, and the bundle runs',
      run: () => bundleClient(pathsOf('client'), hasAllBundlers),
    },
    { name: 'a back end publishes by schema and mints a token', run: () => runServer(pathsOf('server')) },
    {
      name: 'a CDK app synthesizes two instances',
      run: async () => {
        await shop.install([...tarballs.values(), ...SHOP_PACKAGES]);
        await synthesizeApp(shop);
      },
    },
    {
      name: 'npx distributary start runs a CDK app with topics from its table and a React page',
      run: () => runApp(shop),
    },
    {
      name: 'npx distributary init makes an app whose own test passes',
      run: () => initApp(shop, dirname(pathsOf('distributary')[0] ?? '')),
    },
    { name: 'the test of the example token-stream passes', run: () => initExample(shop, 'token-stream') },
  ];
}
