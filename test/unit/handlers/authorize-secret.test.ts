import { randomBytes } from 'node:crypto';
import { type JWTPayload, SignJWT } from 'jose';
import { readAuthSettings } from '../../../shared/auth/auth-settings.ts';
import { createSharedSecret, SECRET_COOLDOWN_MS, SECRET_MS } from '../../../shared/handshake/shared-secret.ts';
import { createVerifyToken, type VerifyToken } from '../../../shared/handshake/verify-token.ts';
import { AUDIENCE, createSigningKey, goodClaims, rawToken, signToken, SUBJECT } from '../../helpers/token-issuer.ts';

const SECRET_ARN = 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:tokens-AbCdEf';
const GOOD = { verified: expect.objectContaining({ subject: SUBJECT }) };

const sign = (secret: string, claims: JWTPayload = {}, alg = 'HS256') =>
  new SignJWT({ ...goodClaims('backend'), ...claims }).setProtectedHeader({ alg }).sign(Buffer.from(secret));

const newSecret = () => randomBytes(32).toString('base64url');

describe('the shared secret', () => {
  let secret: string;
  let reads: number;
  let nowMs: number;
  let isDown: boolean;
  let verify: VerifyToken;

  beforeEach(() => {
    [secret, reads, nowMs, isDown] = [newSecret(), 0, Date.now(), false];
    const readSecret = async () => {
      reads += 1;
      if (isDown) throw new Error('ResourceNotFoundException with the status 400');
      return Buffer.from(secret);
    };
    const keys = createSharedSecret({ readSecret, now: () => nowMs });
    verify = createVerifyToken(readAuthSettings({ secretArn: SECRET_ARN }), { keys, now: Date.now });
  });

  it('verifies tokens that a back end signs by HS256, and is read once', async () => {
    for (let n = 0; n < 20; n++) expect(await verify(await sign(secret))).toEqual(GOOD);
    expect(reads).toBe(1);
  });

  it.each(['HS384', 'HS512'])('verifies no token by %s', async (alg) => {
    expect(await verify(await sign(secret.repeat(2), {}, alg))).toEqual({ refused: 'bad-algorithm' });
  });

  it('verifies no unsigned token, and none that a private key has signed', async () => {
    const key = await createSigningKey('k');

    expect(await verify(rawToken({ alg: 'none' }, goodClaims('backend')))).toEqual({ refused: 'bad-algorithm' });
    expect(await verify(await signToken(goodClaims('backend'), key))).toEqual({ refused: 'bad-algorithm' });
    expect(await verify(rawToken({ alg: 'HS256' }, goodClaims('backend')))).toEqual({ refused: 'bad-signature' });
    expect(reads).toBe(1);
  });

  it('asks for the issuer and the audience that are set', async () => {
    const keys = createSharedSecret({ readSecret: async () => Buffer.from(secret), now: Date.now });
    const settings = readAuthSettings({ secretArn: SECRET_ARN, issuer: 'backend', audience: AUDIENCE });
    const strict = createVerifyToken(settings, { keys, now: Date.now });

    const tokens = [{}, { iss: 'other' }, { aud: 'other' }].map((claims) => sign(secret, claims));

    expect(await Promise.all(tokens.map(async (token) => strict(await token)))).toEqual([
      GOOD,
      { refused: 'wrong-issuer' },
      { refused: 'wrong-audience' },
    ]);
  });

  it('may rotate: a token by the new one is verified at once, and the old one ends with the next read', async () => {
    const old = await sign(secret);
    await verify(old);
    nowMs += SECRET_COOLDOWN_MS;
    secret = newSecret();

    expect(await verify(old)).toEqual(GOOD);
    expect(await verify(await sign(secret))).toEqual(GOOD);
    expect(await verify(old)).toEqual({ refused: 'bad-signature' });
    expect(reads).toBe(2);
  });

  it('is read again when it is old, also if every signature fits', async () => {
    const old = await sign(secret);
    await verify(old);
    secret = newSecret();

    nowMs += SECRET_MS - 1;
    expect(await verify(old)).toEqual(GOOD);
    nowMs += 1;
    expect(await verify(old)).toEqual({ refused: 'bad-signature' });
    expect(reads).toBe(2);
  });

  it('is read once in a cooldown, however many tokens are forged', async () => {
    await verify(await sign(secret));
    for (let round = 0; round < 3; round++) {
      nowMs += SECRET_COOLDOWN_MS;
      for (let n = 0; n < 100; n++) expect(await verify(await sign(newSecret()))).toEqual({ refused: 'bad-signature' });
      expect(reads).toBe(2 + round);
    }
  });

  it('that cannot be read makes handshakes fail, and is asked for again after a while', async () => {
    isDown = true;
    const token = await sign(secret);

    for (let n = 0; n < 10; n++) await expect(verify(token)).rejects.toMatchObject({ name: 'KeysUnavailableError' });
    expect(reads).toBe(1);
    isDown = false;
    nowMs += SECRET_COOLDOWN_MS;

    expect(await verify(token)).toEqual(GOOD);
  });

  it('does not live longer because it could not be read again', async () => {
    const token = await sign(secret);
    await verify(token);
    isDown = true;
    for (let ms = 0; ms < SECRET_MS; ms += SECRET_COOLDOWN_MS) {
      nowMs += SECRET_COOLDOWN_MS;
      await verify(await sign(newSecret())).catch(() => undefined);
    }

    await expect(verify(token)).rejects.toMatchObject({ name: 'KeysUnavailableError' });
  });

  it('that is shorter than a hash is refused as a fault: it could be guessed', async () => {
    secret = 'x'.repeat(31);

    await expect(verify(await sign(secret))).rejects.toMatchObject({
      name: 'KeysUnavailableError',
      message: expect.stringContaining('32 bytes'),
    });
  });
});
