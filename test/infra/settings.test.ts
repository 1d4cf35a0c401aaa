import { RootConstruct } from 'constructs';
import { readSettings } from '../../infra/settings.ts';

/** Reads settings from a context, without an App, which would leave a folder for its output behind. */
const settingsOf = (context: Readonly<Record<string, unknown>>) => {
  const { node } = new RootConstruct();
  for (const [key, value] of Object.entries(context)) node.setContext(key, value);
  return readSettings(node);
};

const RATE_LIMITS = {
  connectionFrames: 100,
  connectionPublishes: 100,
  connectionRefusals: 100,
  subjectFrames: 500,
  subjectPublishes: 500,
  subjectHandshakes: 120,
};

const DEFAULTS = {
  stackName: 'Distributary',
  stageName: 'live',
  messageRetentionHours: 24,
  setsLoggingRole: true,
  poster: 'fast',
  framesPerSecond: 5_000,
  streamConcurrency: 0,
  allowedOrigins: [],
  rateLimits: RATE_LIMITS,
  topics: {},
  ipAddressType: 'ipv4',
};

describe('the settings', () => {
  it('have defaults', () => {
    expect(settingsOf({})).toEqual(DEFAULTS);
  });

  it('come from the context, as cdk.json and as `-c` write them', () => {
    const settings = {
      stackName: 'Next-1',
      stageName: 'next_1',
      messageRetentionHours: 8_760,
      setsLoggingRole: false,
      poster: 'sdk',
      framesPerSecond: 20_000,
      streamConcurrency: 400,
    };
    const texts = Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, String(value)]));

    expect(settingsOf(settings)).toEqual({
      ...settings,
      allowedOrigins: [],
      rateLimits: RATE_LIMITS,
      topics: {},
      ipAddressType: 'ipv4',
    });
    expect(settingsOf(texts)).toEqual({
      ...settings,
      allowedOrigins: [],
      rateLimits: RATE_LIMITS,
      topics: {},
      ipAddressType: 'ipv4',
    });
  });

  it('have no address for alarms by default', () => {
    expect(settingsOf({})).toHaveProperty('alarmEmail', undefined);
    expect(settingsOf({ alarmEmail: 'ops@example.com' })).toHaveProperty('alarmEmail', 'ops@example.com');
  });

  it('have no authentication by default, and take it as an object or as its text', () => {
    const auth = { issuer: 'https://idp.example', audience: ['app'], jwksUri: 'https://idp.example/jwks.json' };
    const allowedOrigins = ['https://app.example.com'];
    const expected = { auth, allowedOrigins };

    const texts = { auth: JSON.stringify(auth), allowedOrigins: JSON.stringify(allowedOrigins) };
    expect(settingsOf({})).not.toHaveProperty('auth');
    expect(settingsOf({ auth: 'off' })).not.toHaveProperty('auth');
    expect(settingsOf({ auth, allowedOrigins })).toMatchObject(expected);
    expect(settingsOf(texts)).toMatchObject(expected);
  });

  it('take rate limits as an object or as its text, each rate alone, or off', () => {
    const changed = { ...RATE_LIMITS, connectionFrames: 7 };

    expect(settingsOf({ rateLimits: { connectionFrames: 7 } })).toHaveProperty('rateLimits', changed);
    expect(settingsOf({ rateLimits: '{"connectionFrames":7}' })).toHaveProperty('rateLimits', changed);
    expect(settingsOf({ rateLimits: 'off' })).toHaveProperty('rateLimits', undefined);
  });

  it('refuse Origins that nothing would check', () => {
    expect(() => settingsOf({ allowedOrigins: ['https://app.example.com'] })).toThrow('allowedOrigins needs auth');
  });

  it.each([
    ['auth', ''],
    ['auth', 'on'],
    ['auth', '{'],
    ['auth', 'null'],
    ['auth', null],
    ['auth', '[]'],
    ['auth', '{}'],
    ['rateLimits', 'on'],
    ['rateLimits', ''],
    ['rateLimits', '[]'],
    ['rateLimits', '{"connectionFrames":0}'],
    ['rateLimits', { frames: 1 }],
    ['allowedOrigins', 'https://app.example.com'],
    ['allowedOrigins', '["*"]'],
    ['stackName', ''],
    ['stackName', '1st'],
    ['stackName', 'a_b'],
    ['stackName', 'x'.repeat(129)],
    ['framesPerSecond', '99'],
    ['framesPerSecond', '1000001'],
    ['framesPerSecond', 'many'],
    ['streamConcurrency', ''],
    ['streamConcurrency', '-1'],
    ['streamConcurrency', '19'],
    ['streamConcurrency', '20.5'],
    ['stageName', ''],
    ['stageName', 'a/b'],
    ['stageName', 'ä'],
    ['stageName', '$default'],
    ['stageName', 'x'.repeat(129)],
    ['messageRetentionHours', '0'],
    ['messageRetentionHours', '-24'],
    ['messageRetentionHours', '1.5'],
    ['messageRetentionHours', '8761'],
    ['messageRetentionHours', ''],
    ['messageRetentionHours', 'a day'],
    ['messageRetentionHours', 'Infinity'],
    ['setsLoggingRole', 'yes'],
    ['setsLoggingRole', ''],
    ['poster', ''],
    ['poster', 'SDK'],
    ['poster', 'undici'],
    ['ipAddressType', 'ipv6'],
    ['ipAddressType', ''],
    ['alarmEmail', ''],
    ['alarmEmail', 'nobody'],
    ['alarmEmail', 'a@b@c'],
    ['alarmEmail', 'two words@example.com'],
    ['alarmEmail', 7],
  ])('refuse %s: %j', (name, value) => {
    expect(() => settingsOf({ [name]: value })).toThrow(name);
  });
});
