import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { COMPILE_CACHE } from '../helpers/compile-cache.ts';
import { cliContext, type CloudFormation, ROOT } from './synthesized-stack.ts';

interface Finding {
  readonly ruleName: string;
  readonly severity: string;
  readonly reason?: string;
}

interface Report {
  readonly pluginReports: readonly {
    readonly pluginName: string;
    readonly conclusion: string;
    readonly violations: readonly Finding[];
    readonly suppressedViolations: readonly Finding[];
  }[];
}

const directory = mkdtempSync(join(tmpdir(), 'distributary-app-'));

/** Runs the app as the CDK CLI does: the command of cdk.json, with its parameters in the environment. */
function runApp(name: string, context: Readonly<Record<string, unknown>> = {}, environment: NodeJS.ProcessEnv = {}) {
  const outdir = join(directory, name);
  const run = spawnSync(process.execPath, ['infra/app.ts'], {
    cwd: ROOT,
    encoding: 'utf8',
    env: {
      PATH: process.env['PATH'],
      ...COMPILE_CACHE,
      TMPDIR: directory,
      CDK_OUTDIR: outdir,
      CDK_CONTEXT_JSON: JSON.stringify({ ...cliContext(), ...context }),
      ...environment,
    },
  });
  return { ...run, outdir };
}

const read = (outdir: string, file: string): string => readFileSync(join(outdir, file), 'utf8');

afterAll(() => rmSync(directory, { recursive: true }));

describe('the CDK app, run as the CLI runs it', () => {
  const app = runApp('out');

  it('exits with 0 and prints nothing', () => {
    expect(app).toMatchObject({ status: 0, stderr: '', stdout: '' });
  });

  it('acknowledges every finding with a reason', () => {
    const { pluginReports }: Report = JSON.parse(read(app.outdir, 'validation-report.json'));

    const suppressed = pluginReports.flatMap(({ suppressedViolations }) => suppressedViolations);
    expect(pluginReports.map(({ pluginName }) => pluginName)).toContain('AwsSolutions');
    expect(pluginReports.filter(({ conclusion }) => conclusion !== 'success')).toEqual([]);
    expect(pluginReports.flatMap(({ violations }) => violations)).toEqual([]);
    expect(suppressed.filter(({ reason }) => (reason ?? '').length < 20)).toEqual([]);
    expect(new Set(suppressed.map(({ ruleName }) => ruleName.replace(/\[.*/, '')))).toEqual(
      new Set(['AwsSolutions-APIG4', 'AwsSolutions-S1', 'AwsSolutions-IAM4', 'AwsSolutions-IAM5']),
    );
  });

  it('acknowledges every finding with both URLs of the HTTP door and authentication, too', () => {
    const auth = { issuer: 'https://idp.example', audience: 'app', jwksUri: 'https://idp.example/jwks.json' };
    const withDoor = runApp('with-door', { http: { iam: true }, auth });

    const { pluginReports }: Report = JSON.parse(read(withDoor.outdir, 'validation-report.json'));

    expect(withDoor).toMatchObject({ status: 0, stderr: '' });
    expect(pluginReports.map(({ pluginName }) => pluginName)).toContain('AwsSolutions');
    expect(pluginReports.flatMap(({ violations }) => violations)).toEqual([]);
  });

  it('gives each function the bundle of its own handler', () => {
    const { Resources }: CloudFormation = JSON.parse(read(app.outdir, 'Distributary.template.json'));
    const functions = Object.values(Resources).filter(({ Type }) => Type === 'AWS::Lambda::Function');

    const handlers = functions.map(({ Metadata, Properties }) => {
      const { sources }: { sources: readonly string[] } = JSON.parse(
        read(app.outdir, join(Metadata?.['aws:asset:path'] ?? '', 'index.mjs.map')),
      );
      const handler = String(Properties['Description']).replace('Distributary: ', '');
      return { handler, last: sources.at(-1) };
    });
    expect(handlers).toHaveLength(15);
    for (const { handler, last } of handlers) expect(last).toMatch(new RegExp(`handlers/${handler}\\.ts$`));
  });

  it('leaves nothing behind in the temporary directory', () => {
    expect(readdirSync(directory).filter((name) => name.startsWith('distributary-bundles'))).toEqual([]);
  });

  it('creates the same template and assets when it runs again', () => {
    const again = runApp('again');

    expect(read(again.outdir, 'Distributary.template.json')).toBe(read(app.outdir, 'Distributary.template.json'));
    expect(readdirSync(again.outdir).toSorted()).toEqual(readdirSync(app.outdir).toSorted());
  });

  it('names the stack by the settings', () => {
    const next = runApp('next', { stackName: 'Next' }, { CDK_VALIDATION: 'false' });

    expect(next).toMatchObject({ status: 0, stderr: '' });
    expect(readdirSync(next.outdir)).toContain('Next.template.json');
  });

  it('takes the setting auth, bundles the authorizer, and acknowledges all open routes but $connect', () => {
    const auth = { issuer: 'https://idp.example', audience: 'app', jwksUri: 'https://idp.example/jwks.json' };
    const secured = runApp('secured', { auth: JSON.stringify(auth) });
    const { pluginReports }: Report = JSON.parse(read(secured.outdir, 'validation-report.json'));

    const open = pluginReports
      .flatMap(({ suppressedViolations }) => suppressedViolations)
      .filter(({ ruleName }) => ruleName.startsWith('AwsSolutions-APIG4'));
    expect(secured).toMatchObject({ status: 0, stderr: '' });
    expect(pluginReports.flatMap(({ violations }) => violations)).toEqual([]);
    expect(open.filter(({ reason }) => reason?.includes('the route checks') !== true)).toEqual([]);
    expect(open).toHaveLength(10);
  });

  it('fails with the reason and removes its bundles when a setting is invalid', () => {
    const refused = runApp('refused', { stageName: 'a/b' });

    expect(refused.status).toBe(1);
    expect(refused.stderr).toContain('stageName: a/b is not a valid name of a stage');
    expect(readdirSync(directory).filter((name) => name.startsWith('distributary-bundles'))).toEqual([]);
  });
});
