import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Bundles, bundleHandlers } from '../../infra/bundle-handlers.ts';
import { AUTHORIZE_HANDLER, HANDLERS } from '../../infra/functions.ts';
import { ENVIRONMENT } from '../../shared/config.ts';
import { ROOT, synthesizeStack } from './synthesized-stack.ts';

const CASES = [...Object.entries(HANDLERS), ['Authorize', AUTHORIZE_HANDLER]] as const;
const FILES = ['index.mjs', 'index.mjs.map'] as const;

const AUTH = { issuer: 'https://idp.example', audience: 'app', jwksUri: 'https://idp.example/jwks.json' };

/** The variables that not every text is a value of. */
const SPECIAL: Readonly<Record<string, string>> = {
  [ENVIRONMENT.messageRetentionHours]: '24',
  [ENVIRONMENT.poster]: 'fast',
  [ENVIRONMENT.tokenRules]: JSON.stringify(AUTH),
  [ENVIRONMENT.allowedOrigins]: '[]',
  [ENVIRONMENT.rateLimits]: '{}',
};

/** A script that loads a bundle once for each set of variables, and prints the results as JSON. */
const LOADER = `
  const [url, ...environments] = process.argv.slice(1);
  const outcomes = [];
  for (const [index, environment] of environments.map((text) => JSON.parse(text)).entries()) {
    for (const name of Object.keys(JSON.parse(environments[0]))) delete process.env[name];
    Object.assign(process.env, environment);
    outcomes.push(await import(url + '?' + index).then((module) => typeof module.handler, (error) => error.stack));
  }
  console.log(JSON.stringify(outcomes));
`;

interface Outcomes {
  readonly stderr: string;
  /** The type of the export `handler`, or the stack of the error. */
  readonly outcomes: readonly string[];
}

function load(directory: string, environments: readonly Readonly<Record<string, string>>[]): Outcomes {
  const url = pathToFileURL(join(directory, 'index.mjs')).href;
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ['--input-type=module', '-e', LOADER, '--', url, ...environments.map((e) => JSON.stringify(e))],
    { encoding: 'utf8', env: { AWS_REGION: 'eu-central-1' } },
  );
  const outcomes: readonly string[] = JSON.parse(stdout);
  return { stderr, outcomes };
}

/** Returns the variables that infra/ gives a function, besides Node's own. */
function variablesOf(id: string): readonly string[] {
  const { Properties } = stack.get('AWS::Lambda::Function', `Functions/${id}/Function`);
  const { Variables }: { Variables: object } = JSON.parse(JSON.stringify(Properties['Environment']));
  return Object.keys(Variables).filter((name) => name !== ENVIRONMENT.auth);
}

const stack = synthesizeStack({ auth: AUTH });
let bundles: Bundles;
let others: Bundles;

beforeAll(async () => {
  bundles = await bundleHandlers(CASES.map(([, handler]) => handler));
  others = await bundleHandlers(CASES.map(([, handler]) => handler));
});

afterAll(async () => {
  await bundles.remove();
  await others.remove();
});

describe('the bundle', () => {
  it.each(CASES)(
    '%s loads with its environment, and fails without any one of its variables but the rates',
    (id, handler) => {
      const given = variablesOf(id);
      const variables = given.filter((name) => name !== ENVIRONMENT.rateLimits);
      const whole = Object.fromEntries(given.map((name) => [name, SPECIAL[name] ?? 'https://a.test']));
      const without = variables.map((name) => ({ ...whole, [name]: '' }));

      const { stderr, outcomes } = load(bundles.directoryOf(handler), [whole, ...without]);

      expect(stderr).toBe('');
      expect(outcomes[0]).toBe('function');
      for (const [index, name] of variables.entries()) {
        expect(outcomes[index + 1]).toContain(`ConfigError: The environment variable ${name} is required.`);
      }
    },
  );

  it('shows the source lines of an error by its source map, without an option of Node', () => {
    const { outcomes } = load(bundles.directoryOf('publish'), [{}]);
    const [message, thrown, ...frames] = (outcomes[0] ?? '').split('\n');
    const source = readFileSync('shared/config.ts', 'utf8').split('\n');
    const line = Number(/ shared\/config\.ts:(\d+):\d+/.exec(`${thrown?.replace('(', ' ')}`)?.[1]);

    expect(message).toBe(`ConfigError: The environment variable ${ENVIRONMENT.topicsTable} is required.`);
    expect(source[line - 1]).toContain('throw new ConfigError(');
    expect(frames.join('\n')).toMatch(/^ {4}at .*handlers\/publish\.ts:\d+:\d+/m);
    expect(frames.join('\n')).not.toContain('index.mjs');
  });

  it.each(CASES)('%s is an ES module with a source map that leads to its handler', (_id, handler) => {
    const [code, map] = FILES.map((file) => readFileSync(join(bundles.directoryOf(handler), file), 'utf8'));

    const { sources, sourcesContent }: { sources: readonly string[]; sourcesContent?: unknown } = JSON.parse(map ?? '');
    // Compares only the end, since a failure would print all of it.
    expect(code?.slice(-1_000)).toMatch(/export\{\S+ as handler\};[^]*\/\/# sourceMappingURL=index\.mjs\.map\s*$/);
    expect(sources.at(-1)).toMatch(new RegExp(`handlers/${handler}\\.ts$`));
    expect(sourcesContent).toBeUndefined();
    // The texts of the documentation are not deployed.
    expect(sources.filter((source) => /asyncapi|frame-(descriptions|examples)/.test(source))).toEqual([]);
  });

  it.each(CASES)('%s has the same bytes in any output directory', (_id, handler) => {
    expect(bundles.directoryOf(handler)).not.toBe(others.directoryOf(handler));
    for (const file of FILES) {
      const bytes = readFileSync(join(bundles.directoryOf(handler), file));
      expect(bytes.equals(readFileSync(join(others.directoryOf(handler), file)))).toBe(true);
    }
  });

  it.each(CASES)('%s names no directory of the build machine', (_id, handler) => {
    for (const file of FILES) {
      const text = readFileSync(join(bundles.directoryOf(handler), file), 'utf8');
      expect([ROOT, bundles.directoryOf(''), `${homedir()}/`].filter((path) => text.includes(path))).toEqual([]);
    }
  });
});
