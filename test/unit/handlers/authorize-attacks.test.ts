import { CompactSign, exportSPKI, type JWTPayload, SignJWT } from 'jose';
import { readAuthSettings } from '../../../shared/auth/auth-settings.ts';
import { createRemoteKeys } from '../../../shared/handshake/remote-keys.ts';
import { createVerifyToken } from '../../../shared/handshake/verify-token.ts';
import { METHOD_ARN } from '../../helpers/handshake-events.ts';
import { startHandshakeScene } from '../../helpers/handshake-scene.ts';
import {
  AUDIENCE,
  base64url,
  createSigningKey,
  goodClaims,
  rawToken,
  secondsFromNow,
  signToken,
  SUBJECT,
} from '../../helpers/token-issuer.ts';

const { idp, decide, outcomeOf } = await startHandshakeScene();

afterAll(() => idp.server.close());

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
        context: expect.objectContaining({ sub: SUBJECT, tokenEnd: exp * 1_000, permissions: expect.any(String) }),
      },
    });
    expect(await outcomeOf(token)).toMatchObject({
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
    const other = await startHandshakeScene(alg);

    expect(await other.outcomeOf(await other.idp.sign())).toMatchObject({ subject: SUBJECT });
    await other.idp.server.close();
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
