import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Bundles, bundleHandlers } from '../../infra/bundle-handlers.ts';
import { ENVIRONMENT, type Poster } from '../../shared/config.ts';
import { ROOT } from './synthesized-stack.ts';

/** A constant or two of another file, which tree shaking leaves behind, is not its code. */
const CONSTANTS_BYTES = 100;

const STREAM_LAMBDAS = ['broadcast', 'catch-up', 'presence', 'shard-worker'] as const;

const FAST = /^shared\/post\/(fast-post|sigv4)\.ts$/;
const SDK_POST = /^shared\/post\/sdk-post\.ts$/;
const CLIENT = /node_modules\/@aws-sdk\/client-apigatewaymanagementapi\//;

/** The variables that the stream Lambdas read, beside the poster. */
const OTHERS = {
  ...Object.fromEntries(Object.values(ENVIRONMENT).map((name) => [name, '24'])),
  [ENVIRONMENT.topicSettings]: '{}',
};

let fast: Bundles;
let sdk: Bundles;

beforeAll(async () => {
  fast = await bundleHandlers(STREAM_LAMBDAS);
  sdk = await bundleHandlers([...STREAM_LAMBDAS, 'publish'], 'sdk');
});

afterAll(async () => {
  await fast.remove();
  await sdk.remove();
});

const pathsIn = (bundles: Bundles, handler: string): string[] =>
  bundles.contentsOf(handler).flatMap(({ path, bytes }) => (bytes > CONSTANTS_BYTES ? [path] : []));

const fileOf = (bundles: Bundles, handler: string): string => join(bundles.directoryOf(handler), 'index.mjs');

/** Returns what is printed when a bundle is loaded on a Lambda whose environment names this poster. */
function load(file: string, poster: Poster): string {
  const code = `await import(${JSON.stringify(pathToFileURL(file).href)}).then(() => console.log('loaded'), console.log)`;
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', code], {
    cwd: ROOT,
    encoding: 'utf8',
    env: { ...OTHERS, AWS_REGION: 'eu-central-1', [ENVIRONMENT.callbackUrl]: 'https://a.test', POSTER: poster },
  });
  return stdout;
}

describe.each(STREAM_LAMBDAS)('the bundle of %s', (handler) => {
  it('holds the fast poster by default, and nothing of the official poster', () => {
    expect(pathsIn(fast, handler).filter((path) => FAST.test(path))).toHaveLength(2);
    expect(pathsIn(fast, handler).filter((path) => SDK_POST.test(path))).toEqual([]);
    // Catch-up closes connections by it, and posts to none.
    const client = pathsIn(fast, handler).filter((path) => CLIENT.test(path));
    expect(client.filter((path) => handler !== 'catch-up' || path.includes('PostToConnection'))).toEqual([]);
  });

  it('holds the official client where the stack chooses it, and nothing of the fast poster', () => {
    expect(pathsIn(sdk, handler).filter((path) => SDK_POST.test(path))).toContain('shared/post/sdk-post.ts');
    expect(pathsIn(sdk, handler).filter((path) => FAST.test(path))).toEqual([]);
  });

  it('is loaded where the environment names its poster, and refuses the other one', () => {
    expect(load(fileOf(fast, handler), 'fast')).toBe('loaded\n');
    expect(load(fileOf(sdk, handler), 'sdk')).toBe('loaded\n');
    expect(load(fileOf(fast, handler), 'sdk')).toContain('does not hold the poster sdk: deploy with `-c poster=sdk`');
    expect(load(fileOf(sdk, handler), 'fast')).toContain('does not hold the poster fast');
  });
});

describe('the bundle of a route', () => {
  it('holds no poster, whichever the stack chooses', () => {
    expect(
      pathsIn(sdk, 'publish').filter((path) => FAST.test(path) || SDK_POST.test(path) || CLIENT.test(path)),
    ).toEqual([]);
  });
});
