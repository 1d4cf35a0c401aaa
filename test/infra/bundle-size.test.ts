import { statSync } from 'node:fs';
import { join } from 'node:path';
import { type Bundles, bundleHandlers } from '../../infra/bundle-handlers.ts';
import { AUTHORIZE_HANDLER, HANDLERS, ROUTE_IDS } from '../../infra/functions.ts';

/** Upper bound in bytes of a route's minified code, all of which Lambda loads at every cold start. */
const ROUTE_BYTES = 300_000;

const ROUTES = ROUTE_IDS.map((id) => HANDLERS[id]);

const TOPIC_WRITES = /^shared\/store\/(topics|keyed-write|head-update)\.ts$/;
const SUBSCRIPTIONS = /^shared\/store\/(subscriptions|subscribers|subscription-record|batch-write|query)\.ts$/;

/** Modules that belong to other routes, by function. */
const FOREIGN: Readonly<Record<string, RegExp>> = {
  publish: SUBSCRIPTIONS,
  plus: SUBSCRIPTIONS,
  minus: SUBSCRIPTIONS,
  'on-message': SUBSCRIPTIONS,
  connect: TOPIC_WRITES,
  disconnect: TOPIC_WRITES,
  subscribe: TOPIC_WRITES,
  unsubscribe: TOPIC_WRITES,
  ping: TOPIC_WRITES,
};

/** A constant or two of another file, which tree shaking leaves behind, is not its code. */
const CONSTANTS_BYTES = 100;

let bundles: Bundles;

beforeAll(async () => {
  bundles = await bundleHandlers([...Object.values(HANDLERS), AUTHORIZE_HANDLER]);
});

afterAll(() => bundles.remove());

const pathsIn = (handler: string): string[] =>
  bundles.contentsOf(handler).flatMap(({ path, bytes }) => (bytes > CONSTANTS_BYTES ? [path] : []));

describe('the bundle of a route', () => {
  it.each(ROUTES)('%s is small', (route) => {
    expect(statSync(join(bundles.directoryOf(route), 'index.mjs')).size).toBeLessThan(ROUTE_BYTES);
  });

  it.each(ROUTES)('%s is accounted for by its contents', (route) => {
    const size = statSync(join(bundles.directoryOf(route), 'index.mjs')).size;
    const accounted = bundles.contentsOf(route).reduce((sum, { bytes }) => sum + bytes, 0);

    expect(accounted).toBeLessThanOrEqual(size);
    expect(accounted).toBeGreaterThan(size * 0.95);
  });

  it.each(ROUTES)('%s takes its credentials from the environment, and knows of no other place', (route) => {
    const providers = pathsIn(route).filter((path) =>
      /credential-provider|token-providers|nested-clients|login/.test(path),
    );

    expect(providers.map((path) => path.replace(/.*@aws-sdk\//, ''))).toEqual([
      'credential-provider-env/dist-es/fromEnv.js',
    ]);
  });

  it.each(ROUTES)('%s has no code of the fan-out', (route) => {
    const foreign = pathsIn(route).filter((path) => path.startsWith('shared/fanout/'));

    expect(foreign).toEqual([]);
  });

  it.each(Object.entries(FOREIGN))('%s has none of the stores that it does not use', (route, foreign) => {
    expect(pathsIn(route).filter((path) => foreign.test(path))).toEqual([]);
  });
});

describe('the bundle of a Lambda', () => {
  it.each([...Object.values(HANDLERS), AUTHORIZE_HANDLER])(
    '%s has none of what only operators need of the store',
    (handler) => {
      const foreign = bundles.contentsOf(handler).filter(({ path }) => path.startsWith('shared/store/operator-'));

      expect(foreign).toEqual([]);
    },
  );
});

describe('the stand-ins of a bundle', () => {
  it('are there for all that they stand in for, so that none is forgotten when the SDK moves it', () => {
    const all = bundles.contentsOf('publish').map(({ path }) => path);

    expect(all.filter((path) => path.startsWith('replacement-'))).toHaveLength(5);
    expect(all.filter((path) => path.startsWith('builtin:'))).toEqual(
      expect.arrayContaining(['builtin:node:http', 'builtin:node:crypto']),
    );
  });
});
