import { dirname } from 'node:path';
import { bundleClient } from './bundle-client.ts';
import { checkTypes } from './check-types.ts';
import { tryChat } from './examples/chat.ts';
import { tryCounters } from './examples/counters.ts';
import { tryDashboard } from './examples/dashboard.ts';
import { tryTokenStream } from './examples/token-stream.ts';
import type { FreshFolder } from './fresh-folder.ts';
import { initApp } from './init-app.ts';
import { lintPackages } from './lint-packages.ts';
import type { PageBrowser } from './page-browser.ts';
import { runApp } from './run-app.ts';
import { runServer } from './run-server.ts';
import { synthesizeApp } from './synthesize-app.ts';
import { type ExampleTrial, tryExample } from './try-example.ts';

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
  /** The browser of all pages. Undefined: there is none here. */
  readonly browser: PageBrowser | undefined;
}

/** The packages of the shared folder beside the tarballs: what its apps and all examples need. */
const SHOP_PACKAGES = [
  'aws-cdk-lib@2.276.0',
  'constructs@10.8.1',
  'react@19.3.1',
  'react-dom@19.3.1',
  'vite@8.4.0',
  '@aws-sdk/client-dynamodb@3.1162.0',
  '@types/node@24.19.2',
  '@types/react@19.3.3',
  '@types/react-dom@19.3.0',
  'typescript@7.0.2',
];

/** The trials of the examples, each in the folder of the others. */
const EXAMPLES: readonly ExampleTrial[] = [
  { example: 'chat', tryPages: tryChat },
  { example: 'counters', tryPages: tryCounters },
  { example: 'dashboard', tryPages: tryDashboard },
  { example: 'token-stream', tryPages: tryTokenStream },
];

/** Returns the trials of packed packages. */
export function trialsOf(
  tarballs: ReadonlyMap<string, string>,
  { hasAllBundlers, shop, browser }: TrialSettings,
): readonly Trial[] {
  const pathsOf = (...names: readonly string[]): readonly string[] =>
    names.map((name) => {
      const path = tarballs.get(name);
      if (path === undefined) throw new Error(`There is no tarball of ${name}.`);
      return path;
    });
  let installed: Promise<void> | undefined;
  const inShop = (run: () => ReturnType<Trial['run']>) => async (): ReturnType<Trial['run']> => {
    installed ??= shop.install([...tarballs.values(), ...SHOP_PACKAGES]);
    await installed;
    return run();
  };
  return [
    { name: 'publint and attw find nothing in any package', run: () => lintPackages([...tarballs.values()]) },
    { name: 'tsc 5.9, 6 and 7 check a client and a React page', run: () => checkTypes(pathsOf('client', 'react')) },
    {
      name: 'bundlers take the client, and the bundle runs',
      run: () => bundleClient(pathsOf('client'), hasAllBundlers),
    },
    { name: 'a back end publishes by schema and mints a token', run: () => runServer(pathsOf('server')) },
    { name: 'all packages install beside each other', run: inShop(async () => undefined) },
    { name: 'a CDK app synthesizes two instances', run: inShop(() => synthesizeApp(shop)) },
    {
      name: 'npx distributary start runs two instances, topics from a table and a React page',
      run: inShop(() => runApp(shop, browser)),
    },
    ...EXAMPLES.map((trial) => ({
      name: `the example ${trial.example} passes its test, and its pages show it`,
      run: inShop(() => tryExample(shop, trial, browser)),
    })),
    {
      name: 'npx distributary init makes an app whose own test passes',
      run: inShop(() => initApp(shop, dirname(pathsOf('distributary')[0] ?? ''))),
    },
  ];
}
