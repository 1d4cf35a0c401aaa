import { type CryptoKey, exportJWK, exportPKCS8, generateKeyPair } from 'jose';
import { mintToken, type TokenOptions } from '../../../server/src/index.ts';
import { createVerifyToken, type TokenRules, type VerifyToken } from '../../../shared/handshake/verify-token.ts';

const SECRET = 'a secret of at least thirty-two bytes';
const NOW_MS = Date.now();

/** Verifies a token as the authorizer does, by one key. */
const verifierOf = (key: CryptoKey | Uint8Array, rules: TokenRules): VerifyToken =>
  createVerifyToken(rules, { keys: { keyOf: async () => key, refresh: async () => false }, now: () => NOW_MS });

const bySecret = (rules: Partial<TokenRules> = {}): VerifyToken =>
  verifierOf(new TextEncoder().encode(SECRET), { algorithms: ['HS256'], ...rules });

describe('a minted token', () => {
  it('is taken by the authorizer, with its subject, end and permissions', async () => {
    const token = await mintToken({
      secret: SECRET,
      sub: 'ann',
      subscribe: ['news/*', 'user/${sub}/*'],
      publish: ['news/a'],
      expiresInSeconds: 60,
      claims: { name: 'Ann' },
    });

    expect(await bySecret()(token)).toMatchObject({
      verified: {
        subject: 'ann',
        permissions: { subscribe: ['news/*', 'user/ann/*'], publish: ['news/a'] },
        profile: '{"name":"Ann"}',
      },
    });
  });

  it('ends an hour after it was made, or when it says', async () => {
    const endOf = async (options: Partial<TokenOptions>): Promise<number> => {
      const result = await bySecret()(await mintToken({ secret: SECRET, sub: 'ann', ...options }));
      return 'verified' in result ? result.verified.tokenEnd - NOW_MS : 0;
    };

    expect(Math.round((await endOf({})) / 60_000)).toBe(60);
    expect(Math.round((await endOf({ expiresInSeconds: 600 })) / 60_000)).toBe(10);
  });

  it('permits nothing that it does not name', async () => {
    const result = await bySecret()(await mintToken({ secret: SECRET, sub: 'ann' }));

    expect(result).toMatchObject({
      verified: { permissions: { subscribe: [], publish: [], count: [], presence: [] } },
    });
  });

  it('names its issuer and audience', async () => {
    const token = await mintToken({ secret: SECRET, sub: 'ann', issuer: 'shop', audience: ['live', 'chat'] });

    expect(await bySecret({ issuer: 'shop', audience: ['live'] })(token)).toHaveProperty('verified');
    expect(await bySecret({ issuer: 'other' })(token)).toEqual({ refused: 'wrong-issuer' });
    expect(await bySecret({ audience: ['other'] })(token)).toEqual({ refused: 'wrong-audience' });
  });

  it('has no claim that replaces one of its own', async () => {
    const token = await mintToken({
      secret: SECRET,
      sub: 'ann',
      publish: ['a'],
      claims: { sub: 'root', publish: ['*'], exp: 9_999_999_999 },
    });

    const result = await bySecret()(token);

    expect(result).toMatchObject({ verified: { subject: 'ann', permissions: { publish: ['a'] } } });
    expect('verified' in result && result.verified.tokenEnd).toBeLessThan(NOW_MS + 3_700_000);
  });

  it.each(['PEM', 'JWK', 'a key of Web Crypto'])('is signed by a private key that is %s', async (form) => {
    const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
    const forms = {
      PEM: await exportPKCS8(privateKey),
      JWK: { ...(await exportJWK(privateKey)), kid: 'k1' },
      'a key of Web Crypto': privateKey,
    };
    const key = forms[form as keyof typeof forms];

    const token = await mintToken({ privateKey: key, sub: 'ann', subscribe: ['news'] });

    expect(await verifierOf(publicKey, { algorithms: ['ES256'] })(token)).toHaveProperty('verified');
  });
});

describe('a token that would be refused, or permit nothing,', () => {
  const WRONG: Readonly<Record<string, Partial<TokenOptions> & { readonly secret?: string }>> = {
    'without a subject': { sub: '' },
    'with a subject that is too long': { sub: 'x'.repeat(129) },
    'with a pattern that is none': { publish: ['news/*/a'] },
    'whose subject widens a pattern': { sub: 'a/b', publish: ['user/${sub}/*'] },
    'that never holds': { expiresInSeconds: 0 },
    'by a short secret': { secret: 'short' },
    'that no handshake takes': { claims: { text: 'x'.repeat(5_000) } },
  };

  it.each(Object.entries(WRONG))('%s is not minted', async (_name, options) => {
    await expect(mintToken({ secret: SECRET, sub: 'ann', ...options })).rejects.toThrow(TypeError);
  });
});
