import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { UserPool } from 'aws-cdk-lib/aws-cognito';
import { Role, AccountRootPrincipal } from 'aws-cdk-lib/aws-iam';
import { Code, Function, Runtime } from 'aws-cdk-lib/aws-lambda';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { AwsSolutionsChecks } from 'cdk-nag';
import { Distributary } from '../../infra/index.ts';
import type { PrintedConstructs } from './synthesized-construct.ts';

// Synthesizes an engineer's app with several Distributaries, and prints its stacks as JSON. No feature flag is set. A
// separate process loads the CDK in a fraction of the time that jest takes for it.
const hasNag = process.argv[2] === 'nag';
const directory = mkdtempSync(join(tmpdir(), 'distributary-construct-'));
const code = join(directory, 'code');
mkdirSync(code);
writeFileSync(join(code, 'index.mjs'), '');
const bundles = { directoryOf: () => code };
try {
  process.stdout.write(JSON.stringify(print()));
} finally {
  rmSync(directory, { recursive: true });
}

function print(): PrintedConstructs {
  const app = new App({ outdir: join(directory, 'out'), context: { 'aws:cdk:enable-path-metadata': true } });
  if (hasNag) Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  const stacks = { Two: two(app), Secured: secured(app), Bare: bare(app) };
  app.synth();
  return Object.fromEntries(
    Object.entries(stacks).map(([name, stack]) => [
      name,
      {
        template: JSON.parse(JSON.stringify(Template.fromStack(stack).toJSON())),
        warnings: Annotations.fromStack(stack)
          .findWarning('*', Match.anyValue())
          .map(({ entry }) => JSON.stringify(entry.data)),
        remarks: Annotations.fromStack(stack)
          .findInfo('*', Match.anyValue())
          .map(({ entry }) => JSON.stringify(entry.data)),
      },
    ]),
  );
}

/** Two Distributaries in one stack, with a function that publishes to one, and a role that replays the other. */
function two(app: App): Stack {
  const stack = new Stack(app, 'Two');
  const live = new Distributary(stack, 'Live', { bundles, alarms: { topic: new Topic(stack, 'Alarms') } });
  const chat = new Distributary(stack, 'Chat', { bundles, retention: Duration.hours(48), stageName: 'chat' });
  live.bindPublisher(
    new Function(stack, 'Publisher', {
      runtime: Runtime.NODEJS_24_X,
      handler: 'index.handler',
      code: Code.fromAsset(code),
    }),
  );
  chat.grantReplay(new Role(stack, 'Operator', { assumedBy: new AccountRootPrincipal() }));
  live.grantPublish(new Role(stack, 'Grantee', { assumedBy: new AccountRootPrincipal() }));
  return stack;
}

/** A Distributary for the users of a pool of the same stack, and one for the tokens of a back end. */
function secured(app: App): Stack {
  const stack = new Stack(app, 'Secured');
  const pool = new UserPool(stack, 'Users');
  const client = pool.addClient('Web');
  const issuer = pool.userPoolProviderUrl;
  new Distributary(stack, 'Users-Live', {
    bundles,
    auth: { issuer, audience: client.userPoolClientId, jwksUri: `${issuer}/.well-known/jwks.json` },
    allowedOrigins: ['https://app.example.com'],
    ipAddressType: 'dualstack',
    accessLogs: true,
    setsLoggingRole: true,
  });
  new Distributary(stack, 'Tokens', { bundles, auth: { secret: new Secret(stack, 'Secret') }, rateLimits: 'off' });
  return stack;
}

/** A Distributary that leaves nothing behind, and watches nothing. */
function bare(app: App): Stack {
  const stack = new Stack(app, 'Bare');
  new Distributary(stack, 'Live', { bundles, removalPolicy: RemovalPolicy.DESTROY, alarms: 'off' });
  return stack;
}
