import { readHttp } from '../../infra/http-settings.ts';
import { constructStack } from './synthesized-construct.ts';
import { synthesizeStack } from './synthesized-stack.ts';

describe('the setting `http`', () => {
  it('is off, on with defaults, or names some of them', () => {
    expect(readHttp('off')).toBeUndefined();
    const defaults = { longPollSeconds: 20, eventsSeconds: 60, concurrency: 0, iam: false };
    expect(readHttp('on')).toEqual(defaults);
    expect(readHttp({ concurrency: 50, iam: true })).toEqual({ ...defaults, concurrency: 50, iam: true });
  });

  it.each([
    'yes',
    { iam: 'yes' },
    3,
    null,
    [],
    { longPollSeconds: 0 },
    { eventsSeconds: 841 },
    { concurrency: 1.5 },
    { seconds: 1 },
  ])('is nothing else: %p', (value) => {
    expect(() => readHttp(value)).toThrow(/http/);
  });
});

const PROVIDER = { issuer: 'https://idp.example', audience: 'app', jwksUri: 'https://idp.example/jwks.json' };
const ORIGINS = ['https://app.example.com'];
const HTTP = { longPollSeconds: 10, eventsSeconds: 90, concurrency: 20 };

describe('a stack with the HTTP door', () => {
  const stack = synthesizeStack({ http: HTTP, auth: PROVIDER, allowedOrigins: ORIGINS });

  it('has a function with a URL that streams, for the allowed Origins', () => {
    const [[, url] = []] = stack.ofType('AWS::Lambda::Url');

    expect(url?.Properties).toMatchObject({
      AuthType: 'NONE',
      InvokeMode: 'RESPONSE_STREAM',
      Cors: { AllowOrigins: ORIGINS, AllowMethods: ['GET', 'HEAD', 'PUT', 'POST', 'DELETE'] },
    });
    expect(Object.keys(stack.outputs)).toContain('HttpUrl');
  });

  it('gives it time for its longest answer, the waits, and no more concurrency', () => {
    const { Properties } = stack.get('AWS::Lambda::Function', 'Http/Stream/Function');

    expect(Properties).toMatchObject({ Timeout: 120, ReservedConcurrentExecutions: 20 });
    expect(Properties['Environment']).toMatchObject({
      Variables: { LONG_POLL_SECONDS: '10', EVENTS_SECONDS: '90', AUTH: 'on' },
    });
  });

  it('grants it the heads, the archive and what is revoked, and nothing else', () => {
    const { Properties } = stack.get('AWS::IAM::Policy', 'Http/Stream/Role/DefaultPolicy');
    const { Statement }: { Statement: readonly { Action: string | string[]; Resource: unknown }[] } = JSON.parse(
      JSON.stringify(Properties['PolicyDocument']),
    );
    const grants = Statement.flatMap(({ Action, Resource }) =>
      [Action].flat().map((each) => [each, stack.read(Resource)]),
    );

    expect(grants.filter(([action = '']) => /^(dynamodb|secrets)/.test(action))).toEqual([
      ['dynamodb:GetItem', '<Tables/Topics.Arn>'],
      ['dynamodb:UpdateItem', '<Tables/Topics.Arn>'],
      ['dynamodb:Query', '<Tables/Messages.Arn>'],
      ['dynamodb:PutItem', '<Tables/Keys.Arn>'],
      ['dynamodb:UpdateItem', '<Tables/Keys.Arn>'],
      ['dynamodb:GetItem', '<Tables/Subscriptions.Arn>'],
    ]);
  });
});

describe('the URL of the HTTP door for signed requests', () => {
  it('is a second one of the same function, by an alias, that streams and has no CORS', () => {
    const stack = synthesizeStack({ http: { iam: true } });
    const urls = [...stack.ofType('AWS::Lambda::Url').values()].map(({ Properties }) => Properties);

    expect(urls).toHaveLength(2);
    expect(urls).toContainEqual(expect.objectContaining({ AuthType: 'NONE' }));
    expect(urls).toContainEqual({
      AuthType: 'AWS_IAM',
      InvokeMode: 'RESPONSE_STREAM',
      Qualifier: 'signed',
      TargetFunctionArn: expect.anything(),
    });
    expect(Object.keys(stack.outputs)).toContain('SignedHttpUrl');
  });

  it('is not there without the setting', () => {
    const stack = synthesizeStack({ http: 'on' });

    expect([stack.ofType('AWS::Lambda::Url').size, stack.ofType('AWS::Lambda::Alias').size]).toEqual([1, 0]);
  });

  it('lets nobody in but by a grant, which has two permissions on the alias alone', () => {
    const stack = constructStack('Door');
    const everyone = [...stack.ofType('AWS::Lambda::Permission').values()]
      .filter(({ Properties }) => Properties['Principal'] === '*')
      .map(({ Properties }) => stack.read(Properties['FunctionName']));
    const { Properties } = stack.get('AWS::IAM::Policy', 'BackEnd/DefaultPolicy');
    const { Statement }: { Statement: readonly Readonly<Record<string, unknown>>[] } = JSON.parse(
      JSON.stringify(Properties['PolicyDocument']),
    );

    expect(everyone.filter((name) => name.includes('Alias'))).toEqual([]);
    expect(Statement.map(({ Resource, ...statement }) => [statement, stack.read(Resource)])).toEqual([
      [
        {
          Effect: 'Allow',
          Action: 'lambda:InvokeFunctionUrl',
          Condition: { StringEquals: { 'lambda:FunctionUrlAuthType': 'AWS_IAM' } },
        },
        '<Live/Http/Stream/Function/Aliassigned>',
      ],
      [
        {
          Effect: 'Allow',
          Action: 'lambda:InvokeFunction',
          Condition: { Bool: { 'lambda:InvokedViaFunctionUrl': true } },
        },
        '<Live/Http/Stream/Function/Aliassigned>',
      ],
    ]);
  });
});

describe('the rates of a stack with the HTTP door', () => {
  const variablesOf = (settings: Parameters<typeof synthesizeStack>[0]) => {
    const { Properties } = synthesizeStack(settings).get('AWS::Lambda::Function', 'Http/Stream/Function');
    const { Variables }: { Variables: Readonly<Record<string, string>> } = JSON.parse(
      JSON.stringify(Properties['Environment']),
    );
    return Variables;
  };

  it('are those of its subjects, so that requests and frames use them up together', () => {
    const { RATE_LIMITS = '' } = variablesOf({ http: 'on', auth: PROVIDER, rateLimits: { subjectFrames: 7 } });

    expect(JSON.parse(RATE_LIMITS)).toMatchObject({ subjectFrames: 7 });
  });

  it('are none where they are off, and where nobody has a subject', () => {
    expect(variablesOf({ http: 'on', auth: PROVIDER, rateLimits: 'off' })['RATE_LIMITS']).toBeUndefined();
    expect(variablesOf({ http: 'on' })['RATE_LIMITS']).toBeUndefined();
  });
});

describe('a stack without the setting', () => {
  it('has no URL, and no function for one', () => {
    const stack = synthesizeStack();

    expect(stack.ofType('AWS::Lambda::Url').size).toBe(0);
    expect(stack.all().filter(({ name }) => name.startsWith('Http'))).toEqual([]);
  });
});
