import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { readProps } from '../../infra/distributary-props.ts';
import { constructStack, printConstructs, runWithNag } from './synthesized-construct.ts';
import { type NamedResource, synthesizeStack, type SynthesizedStack } from './synthesized-stack.ts';

const [two, secured, bare] = ['Two', 'Secured', 'Bare'].map(constructStack);
if (two === undefined || secured === undefined || bare === undefined) throw new Error('three stacks');

/** The properties that give a resource a name that nothing else in its account and region may have. */
const NAME = /^(TableName|FunctionName|RoleName|BucketName|TopicName|AlarmName|DashboardName|LogGroupName)$/;
const REFERRING = new Set(['AWS::Lambda::Permission', 'AWS::Lambda::EventSourceMapping']);

const functionsOf = (stack: SynthesizedStack, instance: string): readonly NamedResource[] =>
  [...stack.ofType('AWS::Lambda::Function').values()].filter(({ name }) => name.startsWith(`${instance}/`));

const variablesOf = ({ Properties }: NamedResource): Readonly<Record<string, unknown>> =>
  JSON.parse(JSON.stringify(Properties['Environment'] ?? { Variables: {} })).Variables;

/** Returns what a policy allows, as `action@resource`. */
function grantsOf(stack: SynthesizedStack, policy: string): readonly string[] {
  const document: { Statement: { Action: string | string[]; Resource: unknown }[] } = JSON.parse(
    JSON.stringify(stack.get('AWS::IAM::Policy', policy).Properties['PolicyDocument']),
  );
  return document.Statement.flatMap(({ Action, Resource }) =>
    [Action].flat().flatMap((action) => [Resource].flat().map((resource) => `${action}@${stack.read(resource)}`)),
  );
}

describe('a Distributary in an engineer’s stack', () => {
  it('synthesizes without a warning and without a remark, feature flags or not', () => {
    for (const { warnings, remarks } of Object.values(printConstructs())) {
      expect([...warnings, ...remarks]).toEqual([]);
    }
  });

  it('has no fixed name: several fit one stack, account and region', () => {
    const named = two
      .all()
      .flatMap(({ logicalId, Type, Properties }) =>
        REFERRING.has(Type)
          ? []
          : Object.keys({ ...Properties }).flatMap((key) => (NAME.test(key) ? [`${logicalId}.${key}`] : [])),
      );

    expect(named).toEqual([]);
  });

  it('has outputs under its id', () => {
    const live = Object.keys(two.outputs).flatMap((name) => (name.startsWith('Live') ? [name.slice(4)] : []));

    expect(live.toSorted()).toEqual([...Object.keys(synthesizeStack().outputs), 'AlarmTopicArn'].toSorted());
  });

  it('writes and watches metrics of its own', () => {
    const stacks = ['Live', 'Chat'].map((instance) => [
      ...new Set(functionsOf(two, instance).map((each) => variablesOf(each)['STACK_NAME'])),
    ]);
    const watched = two
      .all()
      .filter(({ Type }) => Type === 'AWS::CloudWatch::Alarm')
      .map(({ name, Properties }) => [name.split('/')[0], JSON.stringify(Properties)] as const);

    expect(stacks).toEqual([['Two/Live'], ['Two/Chat']]);
    for (const [instance, text] of watched) {
      expect(text).not.toContain(instance === 'Live' ? 'Two/Chat' : 'Two/Live');
    }
    expect(watched.filter(([, text]) => text.includes('"Two/Live"')).length).toBeGreaterThan(3);
  });

  it('keeps its tables, or leaves nothing behind', () => {
    const kept = (stack: SynthesizedStack) =>
      stack.all().flatMap(({ name, DeletionPolicy = '' }) => (DeletionPolicy.startsWith('Retain') ? [name] : []));

    expect(kept(two).filter((name) => name.startsWith('Live/'))).toEqual([
      'Live/Tables/Topics',
      'Live/Tables/Messages',
      'Live/Pipeline/Failures',
    ]);
    expect(kept(bare)).toEqual([]);
    expect(JSON.stringify(bare.template)).not.toContain('"DeletionProtectionEnabled":true');
  });

  it('has no alarm where they are off, and a dashboard all the same', () => {
    expect(bare.ofType('AWS::CloudWatch::Alarm').size).toBe(0);
    expect(bare.ofType('AWS::CloudWatch::Dashboard').size).toBe(1);
  });

  it('sends alarms to the topic that it is given', () => {
    const actions = two
      .all()
      .filter(({ Type, name }) => Type === 'AWS::CloudWatch::Alarm' && name.startsWith('Live/'))
      .map(({ Properties }) => [Properties['AlarmActions']].flat().map((each) => two.read(each)));

    expect(actions.length).toBeGreaterThan(10);
    for (const each of actions) expect(each).toEqual(['<Alarms>']);
  });

  it('leaves the logging of API Gateway to the account unless it is asked', () => {
    expect(two.ofType('AWS::ApiGateway::Account').size).toBe(0);
    expect(two.get('AWS::ApiGatewayV2::Stage', 'Live/WebSocket/Stage').Properties).not.toHaveProperty(
      'AccessLogSettings',
    );
    expect(secured.ofType('AWS::ApiGateway::Account').size).toBe(1);
    expect(secured.get('AWS::ApiGatewayV2::Stage', 'Users-Live/WebSocket/Stage').Properties).toHaveProperty(
      'AccessLogSettings',
    );
  });

  it('has dual-stack addresses if it is asked', () => {
    const addresses = (stack: SynthesizedStack, name: string) =>
      stack.get('AWS::ApiGatewayV2::Api', name).Properties['IpAddressType'];

    expect(addresses(secured, 'Users-Live/WebSocket/Api')).toBe('dualstack');
    expect(addresses(two, 'Live/WebSocket/Api')).toBeUndefined();
    expect(addresses(synthesizeStack({ ipAddressType: 'dualstack' }), 'WebSocket/Api')).toBe('dualstack');
  });

  it('takes an identity provider and a secret that are known only after deployment', () => {
    const rules = ['Users-Live', 'Tokens'].map((instance) => {
      const authorize = functionsOf(secured, instance).find(({ name }) => name.includes('/Authorize/'));
      return JSON.parse(secured.read(variablesOf(authorize ?? raise())['TOKEN_RULES']));
    });

    expect(rules).toEqual([
      {
        issuer: '<Users.ProviderURL>',
        audience: ['<Users/Web>'],
        jwksUri: '<Users.ProviderURL>/.well-known/jwks.json',
        algorithms: ['RS256', 'PS256', 'ES256', 'ES384', 'EdDSA'],
      },
      { secretArn: '<Secret>', algorithms: ['HS256'] },
    ]);
    expect(grantsOf(secured, 'Tokens/Functions/Authorize/Role/DefaultPolicy')).toContain(
      'secretsmanager:GetSecretValue@<Secret>',
    );
  });
});

const raise = (): never => {
  throw new Error('no authorizer');
};

describe('the grants', () => {
  const PUBLISHES = ['dynamodb:UpdateItem@<Live/Tables/Topics.Arn>', 'dynamodb:PutItem@<Live/Tables/Keys.Arn>'];

  it('of a publisher are those of the route: an update of the topics and a put of the keys', () => {
    expect(grantsOf(two, 'Grantee/DefaultPolicy').toSorted()).toEqual(PUBLISHES.toSorted());
  });

  it('name the tables to a function that is bound', () => {
    const publisher = two.get('AWS::Lambda::Function', 'Publisher');

    expect(grantsOf(two, 'Publisher/ServiceRole/DefaultPolicy').toSorted()).toEqual(PUBLISHES.toSorted());
    expect(Object.entries(variablesOf(publisher)).map(([name, value]) => [name, two.read(value)])).toEqual([
      ['TOPICS_TABLE', '<Live/Tables/Topics>'],
      ['KEYS_TABLE', '<Live/Tables/Keys>'],
    ]);
  });

  it('of a replay touch this Distributary and no other', () => {
    const granted = grantsOf(two, 'Operator/DefaultPolicy');

    expect(granted.filter((grant) => grant.includes('Live'))).toEqual([]);
    expect(granted).toContain('dynamodb:GetRecords@<Chat/Tables/Topics.StreamArn>');
    expect(granted).toContain('s3:DeleteObject@<Chat/Pipeline/Failures.Arn>/*');
    expect(granted.find((grant) => grant.startsWith('execute-api:'))).toMatch(/<Chat\/WebSocket\/Api>\/chat\/POST\//);
    expect(granted.filter((grant) => grant.endsWith('@*'))).toEqual([]);
  });
});

describe('cdk-nag in an engineer’s app', () => {
  it('finds nothing in a Distributary that is not acknowledged, and still finds the faults of everything else', () => {
    const { status, stderr } = runWithNag();
    const found = [...stderr.matchAll(/^ {3}(\S+) aws-cdk-lib\./gm)].map(([, path = '']) => path);

    expect(status).not.toBe(0);
    expect(found).toContain('Two/Alarms/Resource');
    expect(found.filter((path) => /^[^/]+\/(Live|Chat|Users-Live|Tokens)\//.test(path))).toEqual([]);
  });
});

describe('the properties', () => {
  it('have the defaults of the settings, but leave the account’s logging alone', () => {
    expect(readProps({})).toMatchObject({
      stageName: 'live',
      messageRetentionHours: 24,
      framesPerSecond: 5_000,
      streamConcurrency: 0,
      poster: 'fast',
      ipAddressType: 'ipv4',
      setsLoggingRole: false,
      hasAccessLogs: false,
      removalPolicy: RemovalPolicy.RETAIN,
    });
  });

  it.each([
    [{ stageName: 'a/b' }, 'stageName: a/b is not a valid name of a stage'],
    [{ retention: Duration.minutes(90) }, 'messageRetentionHours must be a whole number from 1 to 8760.'],
    [{ retention: Duration.days(366) }, 'messageRetentionHours must be a whole number from 1 to 8760.'],
    [{ framesPerSecond: 99 }, 'framesPerSecond must be a whole number from 100 to 1000000.'],
    [{ streamConcurrency: 19 }, 'streamConcurrency (if not 0) must be a whole number from 20 to 100000.'],
    [{ rateLimits: { connectionFrames: 0 } }, 'rateLimits.connectionFrames'],
    [{ allowedOrigins: ['https://app.example.com'] }, 'allowedOrigins needs auth'],
    [{ alarms: { email: 'nobody' } }, 'alarmEmail: "nobody" is not an e-mail address.'],
    [{ auth: { issuer: 'i', audience: 'a', jwksUri: 'http://idp.example' } }, 'auth.jwksUri'],
    [{ auth: { secretArn: 'arn' } }, 'auth.secretArn'],
    [{ removalPolicy: RemovalPolicy.SNAPSHOT }, 'removalPolicy must be RETAIN or DESTROY.'],
    [{ topics: { 'a*b': {} } }, 'topics["a*b"]: the key is not a topic pattern.'],
    [{ topics: { news: { retention: Duration.minutes(90) } } }, 'topics["news"].retentionHours must be a whole number'],
    [{ topics: { news: { history: 1.5 } } }, 'topics["news"].history must be a whole number from 0 to 100000.'],
    [
      { topics: { price: { lastValueOnly: true, retention: Duration.hours(2) } } },
      'topics["price"].retentionHours means nothing beside lastValueOnly',
    ],
  ])('refuse %j by the text of the setting', (props, text) => {
    expect(() => readProps(props)).toThrow(text);
  });
});
