import { statSync } from 'node:fs';
import { join } from 'node:path';
import { bundleHandlers } from '../../infra/bundle-handlers.ts';
import { AUTHORIZE_HANDLER, HANDLERS, POSTER_IDS, ROUTE_IDS } from '../../infra/functions.ts';
import { readAuthSettings } from '../../shared/auth/auth-settings.ts';
import { ENVIRONMENT } from '../../shared/config.ts';
import { metricAlarmOf } from './alarm-reading.ts';
import { revocationKey, SUBSCRIPTIONS } from '../../shared/store/schema.ts';
import { type SynthesizedStack, synthesizeStack } from './synthesized-stack.ts';

const PROVIDER = { issuer: 'https://idp.example', audience: 'app', jwksUri: 'https://idp.example/jwks.json' };
const SECRET_ARN = 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:tokens-AbCdEf';
const ORIGINS = ['https://app.example.com'];

/** Upper bound in bytes of the authorizer's minified code, all of which a cold handshake loads. */
const AUTHORIZE_BYTES = 150_000;

const off = synthesizeStack();
const on = synthesizeStack({ auth: JSON.stringify(PROVIDER), allowedOrigins: JSON.stringify(ORIGINS) });
const bySecret = synthesizeStack({ auth: { secretArn: SECRET_ARN } });

const FUNCTION = 'AWS::Lambda::Function';
const AUTHORIZE = 'Functions/Authorize';

function environmentOf(stack: SynthesizedStack, id: string): Readonly<Record<string, unknown>> {
  const { Properties } = stack.get(FUNCTION, `Functions/${id}/Function`);
  const { Variables }: { Variables: Readonly<Record<string, unknown>> } = JSON.parse(
    JSON.stringify(Properties['Environment']),
  );
  return Variables;
}

/** Returns `action@resource` for each grant of the authorizer. */
function grantsOf(stack: SynthesizedStack): readonly string[] {
  const { Properties } = stack.get('AWS::IAM::Policy', `${AUTHORIZE}/Role/DefaultPolicy`);
  const { Statement }: { Statement: readonly { Action: string | string[]; Resource: unknown; Effect: string }[] } =
    JSON.parse(JSON.stringify(Properties['PolicyDocument']));
  expect(Statement.every(({ Effect }) => Effect === 'Allow')).toBe(true);
  return Statement.flatMap(({ Action, Resource }) => [Action].flat().map((each) => `${each}@${stack.read(Resource)}`));
}

/** The resources of a template, without those that only the authorizer needs. */
const resourcesOf = ({ template }: SynthesizedStack): Readonly<Record<string, unknown>> => template.Resources;

const OWN_GRANTS = [
  `logs:CreateLogStream@<${AUTHORIZE}/Logs.Arn>`,
  `logs:PutLogEvents@<${AUTHORIZE}/Logs.Arn>`,
  'xray:PutTraceSegments@*',
  'xray:PutTelemetryRecords@*',
  'dynamodb:GetItem@<Tables/Subscriptions.Arn>',
];

describe('a stack without the setting auth', () => {
  it('has no authorizer, and none of its routes expects one', () => {
    expect(off.ofType('AWS::ApiGatewayV2::Authorizer').size).toBe(0);
    expect([...off.ofType(FUNCTION).keys()]).not.toContain(`${AUTHORIZE}/Function`);
    expect(off.template).toEqual(synthesizeStack({ auth: 'off', allowedOrigins: '[]' }).template);
    for (const id of Object.keys(HANDLERS)) expect(environmentOf(off, id)).not.toHaveProperty(ENVIRONMENT.auth);
  });

  it('differs from one with it by the authorizer alone: no other resource comes, goes or is replaced', () => {
    const [before, after] = [Object.keys(resourcesOf(off)), Object.keys(resourcesOf(on))];

    const added = after.filter((id) => !before.includes(id));
    expect(before.filter((id) => !after.includes(id))).toEqual([]);
    expect(added.filter((id) => !/Authoriz|MonitoringFailedHandshakes/.test(id))).toEqual([]);
    expect(added).toHaveLength(7);
  });
});

describe('a stack with the setting auth', () => {
  const [authorizer] = [...on.ofType('AWS::ApiGatewayV2::Authorizer').values()];
  const routes = [...on.ofType('AWS::ApiGatewayV2::Route').values()];

  it('authorizes $connect, which is all that API Gateway can authorize', () => {
    const types = routes.map(({ Properties }) => [Properties['RouteKey'], Properties['AuthorizationType']]);

    expect(types.filter(([, type]) => type !== 'NONE')).toEqual([['$connect', 'CUSTOM']]);
    const connect = routes.find(({ Properties }) => Properties['RouteKey'] === '$connect');
    expect(on.read(connect?.Properties['AuthorizerId'])).toBe(`<${authorizer?.name}>`);
  });

  it('asks its function at every handshake: no identity source could be missing, and no result is kept', () => {
    expect(authorizer?.Properties).toMatchObject({ AuthorizerType: 'REQUEST', IdentitySource: [] });
    expect(authorizer?.Properties).not.toHaveProperty('AuthorizerResultTtlInSeconds');
    expect(on.read(authorizer?.Properties['AuthorizerUri'])).toContain(`<${AUTHORIZE}/Function.Arn>/invocations`);
  });

  it('lets API Gateway call the function as this authorizer, and as nothing else', () => {
    const permissions = [...on.ofType('AWS::Lambda::Permission').values()].filter(
      ({ Properties }) => on.read(Properties['FunctionName']) === `<${AUTHORIZE}/Function.Arn>`,
    );

    expect(permissions.map(({ Properties }) => on.read(Properties['SourceArn']))).toEqual([
      `arn:<AWS::Partition>:execute-api:<AWS::Region>:<AWS::AccountId>:<WebSocket/Api>/authorizers/<${authorizer?.name}>`,
    ]);
  });

  it('tells each route, and no other function, to check the principal', () => {
    for (const id of ROUTE_IDS) expect(environmentOf(on, id)).toMatchObject({ [ENVIRONMENT.auth]: 'on' });
    for (const id of POSTER_IDS) expect(environmentOf(on, id)).not.toHaveProperty(ENVIRONMENT.auth);
  });

  it('gives the function the rules for tokens and the Origins, as it reads them', () => {
    const { [ENVIRONMENT.tokenRules]: rules, [ENVIRONMENT.allowedOrigins]: origins } = environmentOf(on, 'Authorize');

    expect(readAuthSettings(JSON.parse(String(rules)))).toEqual(readAuthSettings(PROVIDER));
    expect(JSON.parse(String(origins))).toEqual(ORIGINS);
  });

  it.each([
    ['an identity provider', on, []],
    ['a secret', bySecret, [`secretsmanager:GetSecretValue@${SECRET_ARN}`]],
  ])('grants the function, for tokens of %s, what this needs, and of the tables one item', (_what, stack, grants) => {
    expect(grantsOf(stack).toSorted()).toEqual([...OWN_GRANTS, ...grants].toSorted());
  });

  it('lets the function read the items with revocations alone, by their partition key', () => {
    const { Properties } = on.get('AWS::IAM::Policy', `${AUTHORIZE}/Role/DefaultPolicy`);

    expect(Properties['PolicyDocument']).toMatchObject({
      Statement: expect.arrayContaining([
        expect.objectContaining({
          Action: 'dynamodb:GetItem',
          Condition: {
            'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['@revoked#*'] },
            Null: { 'dynamodb:LeadingKeys': 'false' },
          },
        }),
      ]),
    });
    expect(revocationKey('ann')).toMatchObject({ [SUBSCRIPTIONS.partitionKey]: '@revoked#ann' });
  });

  it('has the function run, log and be traced like a route', () => {
    const { Properties } = on.get(FUNCTION, `${AUTHORIZE}/Function`);
    const { Properties: route } = on.get(FUNCTION, 'Functions/Connect/Function');

    for (const name of ['Runtime', 'Architectures', 'Handler', 'MemorySize', 'Timeout', 'TracingConfig']) {
      expect(Properties[name]).toEqual(route[name]);
    }
    expect(on.get('AWS::Logs::LogGroup', `${AUTHORIZE}/Logs`)).toMatchObject({
      DeletionPolicy: 'Delete',
      Properties: { RetentionInDays: 30 },
    });
  });

  it('has an alarm for handshakes that could not be decided, and none for tokens that were refused', () => {
    const alarms = [...on.ofType('AWS::CloudWatch::Alarm').values()];

    expect(metricAlarmOf(on, on.get('AWS::CloudWatch::Alarm', 'Monitoring/FailedHandshakes'))).toEqual({
      metric: 'Distributary FailedHandshakes',
      dimensions: { service: 'authorize', stack: 'Distributary' },
      statistic: 'Sum',
      threshold: 5,
      of: [3, 5],
    });
    expect(alarms.filter((alarm) => JSON.stringify(alarm).includes('FunctionsAuthorize'))).toEqual([]);
  });

  it('logs no query, no header and no context of an authorizer at the stage', () => {
    const { Properties } = on.get('AWS::ApiGatewayV2::Stage', 'WebSocket/Stage');

    expect(Properties['AccessLogSettings']).toEqual(
      off.get('AWS::ApiGatewayV2::Stage', 'WebSocket/Stage').Properties['AccessLogSettings'],
    );
    expect(JSON.stringify(Properties)).not.toMatch(/querystring|\.header|authorizer|DataTraceEnabled/i);
  });
});

describe('the bundle of the authorizer', () => {
  it('is small, and has neither the SDK nor a store, of which it takes the names alone', async () => {
    const bundles = await bundleHandlers([AUTHORIZE_HANDLER]);
    const { size } = statSync(join(bundles.directoryOf(AUTHORIZE_HANDLER), 'index.mjs'));
    const paths = bundles.contentsOf(AUTHORIZE_HANDLER).flatMap(({ path, bytes }) => (bytes > 100 ? [path] : []));
    await bundles.remove();

    expect(size).toBeLessThan(AUTHORIZE_BYTES);
    expect(paths.filter((path) => /@aws-sdk|@smithy|shared\/(store\/(?!schema\.ts)|fanout\/)/.test(path))).toEqual([]);
  });
});
