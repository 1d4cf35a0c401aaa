import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, CfnOutput, Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { UserPool } from 'aws-cdk-lib/aws-cognito';
import { AttributeType, StreamViewType, Table, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
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
  const stacks = { Two: two(app), Secured: secured(app), Bare: bare(app), Shop: shop(app), Door: door(app) };
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

/** A Distributary with an HTTP door for signed requests, and a role that may send them. */
function door(app: App): Stack {
  const stack = new Stack(app, 'Door');
  const live = new Distributary(stack, 'Live', { bundles, http: { iam: true } });
  live.grantHttp(new Role(stack, 'BackEnd', { assumedBy: new AccountRootPrincipal() }));
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

/** A Distributary with topics from three tables of the application: one of each kind. */
function shop(app: App): Stack {
  const stack = new Stack(app, 'Shop');
  const live = new Distributary(stack, 'Live', { bundles });
  const partitionKey = { name: 'id', type: AttributeType.STRING };
  const orders = new TableV2(stack, 'Orders', { partitionKey, dynamoStream: StreamViewType.NEW_IMAGE });
  const sessions = new Table(stack, 'Sessions', { partitionKey, stream: StreamViewType.NEW_AND_OLD_IMAGES });
  const imported = Table.fromTableAttributes(stack, 'Imported', {
    tableArn: 'arn:aws:dynamodb:eu-west-1:111122223333:table/imported',
    tableStreamArn: 'arn:aws:dynamodb:eu-west-1:111122223333:table/imported/stream/2026-01-01T00:00:00.000',
  });
  live.topicsFrom(orders, {
    topic: 'order:{customerId}',
    when: { status: ['paid', { prefix: 'sent' }] },
    project: ['status', 'total'],
  });
  live.topicsFrom(sessions, { topic: 'sessions', on: ['REMOVE'], project: ['device'] });
  live.topicsFrom(imported, { topic: 'news/{id}', project: ['title'], concurrency: 2, name: 'News' });
  refuse(live, { none: new Table(stack, 'None', { partitionKey }), orders, sessions });
  return stack;
}

/** Tries sources that are invalid, each of which has to throw, and outputs why. */
function refuse(live: Distributary, tables: Readonly<Record<'none' | 'orders' | 'sessions', Table | TableV2>>): void {
  const { none, orders, sessions } = tables;
  const attempts = {
    NoStream: () => live.topicsFrom(none, { topic: 'a', project: [], name: 'A' }),
    NoOldImage: () => live.topicsFrom(orders, { topic: 'a', on: ['REMOVE'], project: [], name: 'B' }),
    CounterTopic: () => live.topicsFrom(sessions, { topic: 'counter:{id}', project: [], name: 'C' }),
    ManyBatches: () => live.topicsFrom(sessions, { topic: 'a', project: [], concurrency: 11, name: 'D' }),
    ManyAttributes: () =>
      live.topicsFrom(sessions, { topic: 'a', project: Array.from({ length: 51 }, String), name: 'E' }),
  };
  for (const [name, attempt] of Object.entries(attempts))
    new CfnOutput(Stack.of(live), `Refusal${name}`, { value: refusalOf(attempt) });
}

function refusalOf(attempt: () => unknown): string {
  try {
    attempt();
    return 'taken';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
