import { CompactSign, exportSPKI, type JWTPayload, SignJWT } from 'jose';
import { decideHandshake, RESULT_BYTES } from '../../../shared/handshake/decide-handshake.ts';
import { TOKEN_CHARS } from '../../../shared/handshake/find-token.ts';
import { createRemoteKeys } from '../../../shared/handshake/remote-keys.ts';
import { createVerifyToken, type VerifyToken } from '../../../shared/handshake/verify-token.ts';
import { readAuthSettings } from '../../../shared/auth/auth-settings.ts';
import { fromContext } from '../../../shared/auth/authorizer-context.ts';
import { handshakeEvent, type HandshakeOptions, METHOD_ARN } from '../../helpers/handshake-events.ts';
import {
  AUDIENCE,
  base64url,
  createSigningKey,
  goodClaims,
  rawToken,
  secondsFromNow,
  signToken,
  startTokenIssuer,
  SUBJECT,
  type TokenIssuer,
} from '../../helpers/token-issuer.ts';

let idp: TokenIssuer;
let verify: VerifyToken;

beforeAll(async () => {
  idp = await startTokenIssuer();
  const settings = readAuthSettings({ issuer: idp.issuer, audience: AUDIENCE, jwksUri: idp.jwksUri });
  const keys = createRemoteKeys(idp.jwksUri, Date.now);
  verify = createVerifyToken(settings, { keys, now: Date.now });
});

afterAll(() => idp.server.close());

const decide = (options: HandshakeOptions, allowedOrigins: readonly string[] = []) =>
  decideHandshake(handshakeEvent(options), { allowedOrigins, verify });

/** Returns the principal that the routes will read from the context, or the code of the refusal. */
async function outcomeOf(token: string) {
  const decision = await decide({ token });
  return 'refused' in decision ? decision.refused : fromContext({ ...decision.result.context });
}

/** A claim that the token then lacks: JSON has no undefined. */
const without = (claim: string): JWTPayload => ({ [claim]: undefined });

describe('a good token', () => {
  it('is allowed to connect to this stage and nothing else, with its principal as the context', async () => {
    const exp = secondsFromNow(60);
    const token = await idp.sign({ exp, publish: ['user/${sub}/*'], count: 'likes', nothing: ['x'] });

    const decision = await decide({ token });

    expect(decision).toEqual({
      subject: SUBJECT,
      result: {
        principalId: SUBJECT,
        policyDocument: {
          Version: '2012-10-17',
          Statement: [{ Action: 'execute-api:Invoke', Effect: 'Allow', Resource: METHOD_ARN }],
        },
        context: { sub: SUBJECT, tokenEnd: exp * 1_000, permissions: expect.any(String) },
      },
    });
    expect(await outcomeOf(token)).toEqual({
      subject: SUBJECT,
      tokenEnd: exp * 1_000,
      permissions: { subscribe: ['news/*'], publish: ['user/ann/*'], count: [], presence: [] },
    });
  });

  it('may name this audience among others, begin in the past and end within a fraction of a second', async () => {
    const token = await idp.sign({ aud: ['other', AUDIENCE], nbf: secondsFromNow(-9), exp: secondsFromNow(9) + 0.25 });

    expect(await outcomeOf(token)).toMatchObject({ subject: SUBJECT });
  });

  it.each(['RS256', 'PS256', 'ES256', 'ES384', 'EdDSA'])('may be signed by %s', async (alg) => {
    const other = await startTokenIssuer(alg);
    const settings = readAuthSettings({ issuer: other.issuer, audience: AUDIENCE, jwksUri: other.jwksUri });
    const keys = createRemoteKeys(other.jwksUri, Date.now);

    const verified = await createVerifyToken(settings, { keys, now: Date.now })(await other.sign());

    expect(verified).toMatchObject({ principal: { subject: SUBJECT } });
    await other.server.close();
  });

  it('is tolerated for clocks that differ by five seconds, and no more', async () => {
    const justEnded = await idp.sign({ exp: secondsFromNow(-3) });
    const longEnded = await idp.sign({ exp: secondsFromNow(-8) });
    const soon = await idp.sign({ nbf: secondsFromNow(3) });
    const later = await idp.sign({ nbf: secondsFromNow(9) });

    const outcomes = await Promise.all([justEnded, longEnded, soon, later].map(outcomeOf));

    expect(outcomes).toMatchObject([{ subject: SUBJECT }, 'token-expired', { subject: SUBJECT }, 'not-yet-valid']);
  });
});

describe('a token that is not for this stage', () => {
  it.each<[string, string, () => JWTPayload]>([
    ['expired', 'token-expired', () => ({ exp: secondsFromNow(-60) })],
    ['not yet valid', 'not-yet-valid', () => ({ nbf: secondsFromNow(60) })],
    ['of another issuer', 'wrong-issuer', () => ({ iss: 'https://evil.example' })],
    ['of an issuer that looks alike', 'wrong-issuer', () => ({ iss: `${idp.issuer}/` })],
    ['for another audience', 'wrong-audience', () => ({ aud: 'other' })],
    ['for an audience that looks alike', 'wrong-audience', () => ({ aud: [`${AUDIENCE} `, AUDIENCE.toUpperCase()] })],
    ['without an audience', 'wrong-audience', () => without('aud')],
    ['without an issuer', 'wrong-issuer', () => without('iss')],
    ['without an end', 'no-expiry', () => without('exp')],
    ['that ends at no time', 'no-expiry', () => ({ exp: 1e300 })],
    ['without a subject', 'no-subject', () => without('sub')],
    ['with an empty subject', 'no-subject', () => ({ sub: '' })],
    ['with a subject of 129 characters', 'no-subject', () => ({ sub: 'x'.repeat(129) })],
    ['with a line end in its subject', 'no-subject', () => ({ sub: 'ann\n{"level":"ERROR"}' })],
    ['with another kind of line end in its subject', 'no-subject', () => ({ sub: 'ann\u2028bob' })],
    ['with half a character in its subject', 'no-subject', () => ({ sub: 'ann\ud800' })],
  ])('%s is refused: %s', async (_what, code, claims) => {
    const token = await signToken({ ...goodClaims(idp.issuer), ...claims() }, idp.key);

    expect(await outcomeOf(token)).toBe(code);
  });

  it.each([
    ['subject', { sub: 7 }, 'no-subject'],
    ['end', { exp: '2100-01-01' }, 'no-expiry'],
    ['begin', { nbf: 'now' }, 'not-yet-valid'],
    ['audience', { aud: { app: true } }, 'wrong-audience'],
    ['issuer', { iss: ['x'] }, 'wrong-issuer'],
  ])('with another type of %s is refused', async (_what, claims, code) => {
    const header = { alg: 'ES256', kid: 'key-1' };
    const payload = new TextEncoder().encode(JSON.stringify({ ...goodClaims(idp.issuer), ...claims }));

    const token = await new CompactSign(payload).setProtectedHeader(header).sign(idp.key.privateKey);

    expect(await outcomeOf(token)).toBe(code);
  });
});

describe('a forged token', () => {
  it('signed by another key under the id of a known one is refused', async () => {
    const other = await createSigningKey('key-1');

    expect(await outcomeOf(await idp.sign({}, other))).toBe('bad-signature');
  });

  it('whose claims were changed after the signature is refused', async () => {
    const [header, , signature] = (await idp.sign()).split('.');
    const claims = base64url(JSON.stringify({ ...goodClaims(idp.issuer), sub: 'root', publish: ['*'] }));

    expect(await outcomeOf(`${header}.${claims}.${signature}`)).toBe('bad-signature');
  });

  it.each(['none', 'None', 'NONE', ''])('with the algorithm %j and no signature is refused', async (alg) => {
    const outcome = await outcomeOf(rawToken({ alg, kid: 'key-1' }, goodClaims(idp.issuer)));

    expect(outcome).toBe(alg === '' ? 'malformed-token' : 'bad-algorithm');
  });

  it.each(['HS256', 'HS384', 'HS512'])(
    'signed by %s with the public key as the secret is refused: a public key is no secret',
    async (alg) => {
      const secrets = [await exportSPKI(idp.key.publicKey), JSON.stringify(idp.key.jwk), String(idp.key.jwk.x)];
      const tokens = secrets.map((secret) =>
        new SignJWT(goodClaims(idp.issuer))
          .setProtectedHeader({ alg, kid: 'key-1' })
          .sign(new TextEncoder().encode(secret.padEnd(64, '='))),
      );

      expect(await Promise.all(tokens.map(async (token) => outcomeOf(await token)))).toEqual(
        secrets.map(() => 'bad-algorithm'),
      );
    },
  );

  it('that brings its own key in the header is refused', async () => {
    const own = await createSigningKey('own');
    const header = { alg: 'ES256', jwk: own.jwk, jku: 'https://evil.example/jwks', kid: 'key-1' };

    const token = await new SignJWT(goodClaims(idp.issuer)).setProtectedHeader(header).sign(own.privateKey);

    expect(await outcomeOf(token)).toBe('bad-signature');
  });

  it('with an algorithm that is not in the list is refused, though the key would fit', async () => {
    const settings = { issuer: idp.issuer, audience: AUDIENCE, jwksUri: idp.jwksUri, algorithms: ['RS256'] };
    const keys = createRemoteKeys(idp.jwksUri, Date.now);
    const onlyRsa = createVerifyToken(readAuthSettings(settings), { keys, now: Date.now });

    expect(await onlyRsa(await idp.sign())).toEqual({ refused: 'bad-algorithm' });
  });

  it.each([
    ['one part', 'abc'],
    ['two parts', 'abc.def'],
    ['four parts', 'a.b.c.d'],
    ['five parts, as an encrypted one has', 'a.b.c.d.e'],
    ['a header that is not JSON', rawToken('{', {}, 'AA')],
    ['a header that is a list', rawToken([], {}, 'AA')],
    ['a header of 3,000 lists in each other', rawToken('['.repeat(1_500) + ']'.repeat(1_500), {}, 'AA')],
    ['a header with an extension that must be understood', rawToken({ alg: 'ES256', crit: ['x'], x: 1 }, {}, 'AA')],
    ['an unencoded payload', rawToken({ alg: 'ES256', kid: 'key-1', crit: ['b64'], b64: false }, {}, 'AA')],
    ['characters that base64url does not have', 'eyJ+.e/.=='],
    ['a prototype as its header', rawToken('{"__proto__":{"alg":"ES256"}}', {}, 'AA')],
  ])('of %s is refused', async (_what, token) => {
    expect(['malformed-token', 'bad-signature']).toContain(await outcomeOf(token));
  });

  it.each([
    ['is not JSON', 'x'],
    ['is a list', '[]'],
    ['is null', 'null'],
    ['is 2,800 lists in each other', '['.repeat(1_400) + ']'.repeat(1_400)],
  ])('well signed, whose payload %s is refused', async (_what, payload) => {
    const signing = new CompactSign(new TextEncoder().encode(payload));

    const token = await signing.setProtectedHeader({ alg: 'ES256', kid: 'key-1' }).sign(idp.key.privateKey);

    expect(await outcomeOf(token)).toBe('malformed-token');
  });
});

describe('the permissions of a token', () => {
  const permissionsOf = async (claims: JWTPayload) => {
    const outcome = await outcomeOf(await idp.sign(claims));
    return typeof outcome === 'object' ? outcome.permissions : outcome;
  };
  const NOTHING = { subscribe: [], publish: [], count: [], presence: [] };

  it('are none by default', async () => {
    expect(await permissionsOf({ subscribe: undefined })).toEqual(NOTHING);
  });

  it.each(['*', 'a/b', '../x', 'a:b', '*/x', 'ann bob', 'ünal'])('are not widened by the subject %j', async (sub) => {
    expect(await permissionsOf({ sub, subscribe: ['user/${sub}/*', '${sub}', 'a/${sub}'] })).toEqual(NOTHING);
  });

  it('take no pattern that only looks like one', async () => {
    const subscribe = [
      '**',
      'a*',
      '*a',
      'new s/*',
      'news\n/*',
      'n\u0435ws /*',
      '/news',
      'news//*x',
      '${sub',
      '${SUB}/*',
      '',
    ];

    expect(await permissionsOf({ subscribe })).toEqual(NOTHING);
  });

  it('come from no prototype and no constructor', async () => {
    const text = JSON.stringify(goodClaims(idp.issuer)).replace(
      '"subscribe"',
      '"__proto__":{"publish":["*"],"presence":["*"]},"constructor":{"prototype":{"count":["*"]}},"toString":["*"],"subscribe"',
    );
    const signing = new CompactSign(new TextEncoder().encode(text));

    const token = await signing.setProtectedHeader({ alg: 'ES256', kid: 'key-1' }).sign(idp.key.privateKey);

    expect(await outcomeOf(token)).toMatchObject({ permissions: { ...NOTHING, subscribe: ['news/*'] } });
    expect('publish' in {}).toBe(false);
  });

  it('that do not fit into the context refuse the handshake, as far below 8 KB as they are', async () => {
    const fill = async (count: number) =>
      decide({ token: await idp.sign({ sub: 'x'.repeat(128), subscribe: Array(count).fill('${sub}') }) });

    const decisions = await Promise.all(Array.from({ length: 80 }, (_, count) => fill(count)));

    const sizes = decisions.flatMap((decision) =>
      'refused' in decision ? [] : Buffer.byteLength(JSON.stringify(decision.result)),
    );
    const refused = decisions.flatMap((decision) => ('refused' in decision ? decision.refused : []));
    expect(new Set(refused)).toEqual(new Set(['too-many-permissions']));
    expect(Math.max(...sizes)).toBeLessThanOrEqual(RESULT_BYTES);
    expect(Math.max(...sizes)).toBeGreaterThan(RESULT_BYTES - 300);
    expect(sizes.length + refused.length).toBe(80);
  });

  it('in a token of more than 4 KB are not read', async () => {
    const token = await idp.sign({ subscribe: Array(600).fill('a/*') });

    expect(token.length).toBeGreaterThan(TOKEN_CHARS);
    expect(await outcomeOf(token)).toBe('token-too-long');
  });
});

describe('the place of a token', () => {
  const refusalOf = async (options: HandshakeOptions) => {
    const decision = await decide(options);
    return 'refused' in decision ? decision.refused : decision.subject;
  };

  it('is the subprotocol, the header or the query, in any case of the names', async () => {
    const token = await idp.sign();

    const places: readonly HandshakeOptions[] = [
      { token },
      { headers: { 'sec-websocket-protocol': ['distributary.v1', `token.${token}`] } },
      { headers: { 'SEC-WEBSOCKET-PROTOCOL': [`token.${token},distributary.v1`] } },
      { headers: { authorization: [`bearer  ${token}`] } },
      { headers: { Authorization: [`Bearer ${token}`] } },
      { query: { token: [token] } },
      { query: { token: [token] }, headers: { Authorization: ['Basic YTpi'] } },
    ];
    expect(await Promise.all(places.map(refusalOf))).toEqual(places.map(() => SUBJECT));
  });

  it('is missing, or empty', async () => {
    const places: readonly HandshakeOptions[] = [
      {},
      { token: '' },
      { headers: { Authorization: ['Bearer'] } },
      { headers: { Authorization: ['Bearer   '] } },
      { headers: { Authorization: ['Basic YTpi'] } },
      { headers: { 'Sec-WebSocket-Protocol': ['distributary.v1'] } },
      { query: { token: [''] } },
      { query: { Token: ['x'], TOKEN: ['x'] } },
    ];
    expect(await Promise.all(places.map(refusalOf))).toEqual(places.map(() => 'no-token'));
  });

  it('is refused for two tokens, wherever they are and though both are good', async () => {
    const token = await idp.sign();

    const places: readonly HandshakeOptions[] = [
      { token, query: { token: [token] } },
      { token, headers: { Authorization: [`Bearer ${token}`] } },
      { query: { token: [token] }, headers: { Authorization: [`Bearer ${token}`] } },
      { query: { token: [token, token] } },
      { headers: { Authorization: [`Bearer ${token}`, 'Bearer x'] } },
      { headers: { 'Sec-WebSocket-Protocol': [`token.${token}, token.${token}`] } },
      { headers: { 'Sec-WebSocket-Protocol': [`token.${token}`], 'sec-websocket-protocol': ['token.'] } },
    ];
    expect(await Promise.all(places.map(refusalOf))).toEqual(places.map(() => 'several-tokens'));
  });

  it('of an event without headers and query is none', async () => {
    const event = { ...handshakeEvent(), multiValueHeaders: null, multiValueQueryStringParameters: null };

    expect(await decideHandshake(event, { allowedOrigins: [], verify })).toEqual({ refused: 'no-token' });
  });
});

describe('the Origin of a handshake', () => {
  const ALLOWED = ['https://app.example.com', 'http://127.0.0.1:4000'];
  const isAllowed = async (headers: HandshakeOptions['headers'] = {}) => {
    const decision = await decide({ token: await idp.sign(), headers }, ALLOWED);
    return 'refused' in decision ? decision.refused : true;
  };

  it.each([...ALLOWED])('may be %s', async (origin) => {
    expect(await isAllowed({ Origin: [origin] })).toBe(true);
    expect(await isAllowed({ origin: [origin] })).toBe(true);
  });

  it('may be absent: tools and servers send none', async () => {
    expect(await isAllowed()).toBe(true);
  });

  it.each([
    'null',
    '',
    'https://evil.example',
    'http://app.example.com',
    'https://app.example.com:444',
    'https://app.example.com:443',
    'https://app.example.com/',
    'https://app.example.com.evil.example',
    'https://evil-app.example.com',
    'https://evil.example/https://app.example.com',
    'https://app.example.com@evil.example',
    'https://sub.app.example.com',
    'HTTPS://APP.EXAMPLE.COM',
    'https://app.example.com, https://evil.example',
    'http://127.0.0.1:4001',
    'http://127.0.0.1',
    'file://',
    'app.example.com',
  ])('may not be %j', async (origin) => {
    expect(await isAllowed({ Origin: [origin] })).toBe('origin');
  });

  it('may not be several, of which one is allowed', async () => {
    expect(await isAllowed({ Origin: ['https://app.example.com', 'https://evil.example'] })).toBe('origin');
    expect(await isAllowed({ Origin: ['https://app.example.com'], ORIGIN: ['null'] })).toBe('origin');
  });

  it('may be any if no list is set', async () => {
    const decision = await decide({ token: await idp.sign(), headers: { Origin: ['https://evil.example'] } });

    expect(decision).toMatchObject({ subject: SUBJECT });
  });

  it('is checked before the token: a foreign page learns nothing about a token', async () => {
    expect(await decide({ token: 'x', headers: { Origin: ['https://evil.example'] } }, ALLOWED)).toEqual({
      refused: 'origin',
    });
  });
});
