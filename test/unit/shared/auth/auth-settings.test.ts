import { readAllowedOrigins, readAuthSettings } from '../../../../shared/auth/auth-settings.ts';

const PROVIDER = { issuer: 'https://idp.example', audience: 'app', jwksUri: 'https://idp.example/jwks.json' };
const SECRET = { secretArn: 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:my/tokens-AbCdEf' };
const JWKS_ALGORITHMS = ['RS256', 'PS256', 'ES256', 'ES384', 'EdDSA'];

describe('the settings of authentication', () => {
  it('by an identity provider allow the algorithms of public keys by default, and never those of secrets', () => {
    expect(readAuthSettings(PROVIDER)).toEqual({ ...PROVIDER, audience: ['app'], algorithms: JWKS_ALGORITHMS });
  });

  it('by a secret allow HS256 alone', () => {
    expect(readAuthSettings(SECRET)).toEqual({ ...SECRET, algorithms: ['HS256'] });
  });

  it('may name fewer algorithms and several audiences', () => {
    const settings = { ...PROVIDER, audience: ['web', 'phone'], algorithms: ['ES256'] };

    expect(readAuthSettings(settings)).toEqual(settings);
  });

  it('are their own result when they are read again', () => {
    for (const settings of [PROVIDER, SECRET, { ...SECRET, issuer: 'backend', audience: 'app' }]) {
      const once = readAuthSettings(settings);
      expect(readAuthSettings(JSON.parse(JSON.stringify(once)))).toEqual(once);
    }
  });

  it.each(['http://127.0.0.1:8080/jwks', 'http://localhost/jwks', 'https://idp.example:8443/a?b=c'])(
    'may have the keys at %s',
    (jwksUri) => {
      expect(readAuthSettings({ ...PROVIDER, jwksUri })).toMatchObject({ jwksUri });
    },
  );

  it.each([
    'http://idp.example/jwks',
    'http://127.0.0.1.evil.example/jwks',
    'http://localhost.evil.example/jwks',
    'http://127.0.0.1@evil.example/jwks',
    'https://user:password@idp.example/jwks',
    'file:///etc/passwd',
    'data:application/json,{"keys":[]}',
    'idp.example/jwks',
    '',
    7,
  ])('may not have the keys at %j', (jwksUri) => {
    expect(() => readAuthSettings({ ...PROVIDER, jwksUri })).toThrow('auth.jwksUri: ');
  });

  it.each<[string, object, string]>([
    ['no address of keys and no secret', { issuer: 'i', audience: 'a' }, 'either jwksUri or secretArn'],
    ['both', { ...PROVIDER, ...SECRET }, 'either jwksUri or secretArn'],
    ['no issuer', { ...PROVIDER, issuer: undefined }, 'auth.issuer: '],
    ['an empty issuer', { ...PROVIDER, issuer: '' }, 'auth.issuer: must not be empty'],
    ['no audience', { ...PROVIDER, audience: undefined }, 'auth.audience: '],
    ['an empty list of audiences', { ...PROVIDER, audience: [] }, 'auth.audience'],
    ['the algorithm none', { ...PROVIDER, algorithms: ['none'] }, 'auth.algorithms.0: must be of RS256'],
    ['a secret’s algorithm for public keys', { ...PROVIDER, algorithms: ['ES256', 'HS256'] }, 'auth.algorithms.1: '],
    ['a public key’s algorithm for a secret', { ...SECRET, algorithms: ['RS256'] }, 'must be of HS256'],
    ['no algorithm at all', { ...PROVIDER, algorithms: [] }, 'auth.algorithms: must not be empty'],
    ['a misspelt name', { ...PROVIDER, algorithm: ['ES256'] }, 'auth.algorithm: unknown field'],
    ['the name of a secret', { secretArn: 'tokens' }, 'auth.secretArn: must be the whole ARN'],
    ['an ARN without its last characters', { secretArn: SECRET.secretArn.slice(0, -7) }, 'auth.secretArn: '],
    ['an ARN for several', { secretArn: SECRET.secretArn.replace('tokens', '*') }, 'auth.secretArn: '],
  ])('are refused with %s', (_what, settings, reason) => {
    expect(() => readAuthSettings(JSON.parse(JSON.stringify(settings)))).toThrow(reason);
  });

  it.each([undefined, null, 'on', 7, []])('are refused as %j', (value) => {
    expect(() => readAuthSettings(value)).toThrow('auth must be an object');
  });
});

describe('the allowed Origins', () => {
  it('are a list of what browsers send', () => {
    const origins = ['https://app.example.com', 'http://127.0.0.1:4000'];

    expect(readAllowedOrigins(origins)).toEqual(origins);
    expect(readAllowedOrigins([])).toEqual([]);
  });

  it.each(['*', 'null', 'app.example.com', 'https://app.example.com/', 'https://APP.example.com', 'https://a:443', 7])(
    'refuse %j',
    (origin) => {
      expect(() => readAllowedOrigins([origin])).toThrow('is not an Origin');
    },
  );

  it('are at most 20, and a list', () => {
    expect(() => readAllowedOrigins(Array(21).fill('https://a.example'))).toThrow('at most 20');
    expect(() => readAllowedOrigins('https://a.example')).toThrow('must be a list');
  });
});
