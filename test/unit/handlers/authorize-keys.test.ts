import { SignJWT } from 'jose';
import { readAuthSettings } from '../../../shared/auth/auth-settings.ts';
import {
  createRemoteKeys,
  KEY_SET_COOLDOWN_MS,
  KEY_SET_MS,
  KEY_SET_RETRY_MS,
} from '../../../shared/handshake/remote-keys.ts';
import { createVerifyToken, type VerifyToken } from '../../../shared/handshake/verify-token.ts';
import {
  AUDIENCE,
  createSigningKey,
  type SigningKey,
  startTokenIssuer,
  SUBJECT,
  type TokenIssuer,
} from '../../helpers/token-issuer.ts';

const jest = import.meta.jest;
const GOOD = { verified: expect.objectContaining({ subject: SUBJECT }) };

let idp: TokenIssuer;
let verify: VerifyToken;
let second: SigningKey;

/** The timers that stay real: only the date is set by hand. */
const REAL = [
  'hrtime',
  'nextTick',
  'performance',
  'queueMicrotask',
  'setImmediate',
  'clearImmediate',
  'setInterval',
  'clearInterval',
  'setTimeout',
  'clearTimeout',
] as const;

/** Moves the clock alone: jose reads it too, and real sockets keep their timers. */
const wait = (ms: number) => jest.setSystemTime(Date.now() + ms);

beforeEach(async () => {
  jest.useFakeTimers({ doNotFake: [...REAL] });
  idp = await startTokenIssuer();
  second = await createSigningKey('key-2');
  const settings = readAuthSettings({ issuer: idp.issuer, audience: AUDIENCE, jwksUri: idp.jwksUri });
  verify = createVerifyToken(settings, { keys: createRemoteKeys(idp.jwksUri, Date.now), now: Date.now });
});

afterEach(async () => {
  jest.useRealTimers();
  await idp.server.close();
});

const requests = (): number => idp.server.requests.length;

/** Signs a token that names a key which nobody has. */
const byUnknownKey = (index: number) => idp.sign({}, { ...idp.key, kid: `unknown-${index}` });

describe('the keys of an issuer', () => {
  it('are read at the first token, once for all that follow, and again when they are old', async () => {
    expect(requests()).toBe(0);
    for (let n = 0; n < 20; n++) expect(await verify(await idp.sign())).toEqual(GOOD);
    expect(requests()).toBe(1);

    wait(KEY_SET_MS);

    expect(await verify(await idp.sign())).toEqual(GOOD);
    expect(requests()).toBe(2);
  });

  it('are not read for a token that is refused without them', async () => {
    const token = (await idp.sign()).replace(/^[^.]+/, Buffer.from('{"alg":"none"}').toString('base64url'));

    expect(await verify(token)).toEqual({ refused: 'bad-algorithm' });
    expect(requests()).toBe(0);
  });

  it('are asked for once in a cooldown by a storm of tokens with unknown keys, and good tokens pass meanwhile', async () => {
    await verify(await idp.sign());
    for (let round = 0; round < 3; round++) {
      wait(KEY_SET_COOLDOWN_MS);
      const storm = await Promise.all(Array.from({ length: 200 }, (_, index) => byUnknownKey(index)));
      const outcomes = [];
      for (const token of storm) outcomes.push(await verify(token));

      expect(new Set(outcomes.map((outcome) => JSON.stringify(outcome)))).toEqual(
        new Set(['{"refused":"unknown-key"}']),
      );
      expect(await verify(await idp.sign())).toEqual(GOOD);
      expect(requests()).toBe(2 + round);
    }
  });

  it('are asked for once by a storm that comes at once', async () => {
    await verify(await idp.sign());
    wait(KEY_SET_COOLDOWN_MS);
    const storm = await Promise.all(Array.from({ length: 200 }, (_, index) => byUnknownKey(index)));

    await Promise.all(storm.map(verify));

    expect(requests()).toBe(2);
  });

  it('may rotate: a new key is found after the cooldown, and an old one is refused when the set is read again', async () => {
    const old = await idp.sign();
    await verify(old);
    idp.serveKeys(second);
    wait(KEY_SET_COOLDOWN_MS);

    expect(await verify(await idp.sign({}, second))).toEqual(GOOD);
    expect(await verify(old)).toEqual({ refused: 'unknown-key' });
    expect(requests()).toBe(2);
  });

  it('that were withdrawn are refused at the latest when the set is old, also if nobody names a new one', async () => {
    const exp = Math.floor(Date.now() / 1_000) + 7_200;
    const old = await idp.sign({ exp });
    await verify(old);
    idp.serveKeys(second);

    wait(KEY_SET_MS - 1);
    expect(await verify(old)).toEqual(GOOD);
    wait(1);
    expect(await verify(old)).toEqual({ refused: 'unknown-key' });
  });

  it('must be named by a token where several would fit', async () => {
    idp.serveKeys(idp.key, second);
    const nameless = new SignJWT({ iss: idp.issuer, aud: AUDIENCE, sub: SUBJECT }).setExpirationTime('1h');

    const token = await nameless.setProtectedHeader({ alg: 'ES256' }).sign(idp.key.privateKey);

    expect(await verify(token)).toEqual({ refused: 'unknown-key' });
  });
});

describe('an issuer that does not serve its keys', () => {
  it.each<[string, () => void]>([
    ['answers 500', () => idp.serve(500, '{}')],
    ['answers 404', () => idp.serve(404, '{"keys":[]}')],
    ['redirects', () => idp.serve(302, '')],
    ['answers no JSON', () => idp.serve(200, '<html>')],
    ['answers JSON that is no set of keys', () => idp.serve(200, '{"keys":{}}')],
    ['answers more than 64 KB', () => idp.serve(200, JSON.stringify({ keys: [], more: 'x'.repeat(70_000) }))],
  ])('and %s makes the handshake fail, not the token, and is asked once in a moment', async (_what, breakIt) => {
    breakIt();
    const token = await idp.sign();

    for (let n = 0; n < 10; n++) {
      await expect(verify(token)).rejects.toMatchObject({ name: 'KeysUnavailableError' });
    }
    expect(requests()).toBe(1);
    idp.serveKeys(idp.key);
    wait(KEY_SET_RETRY_MS);

    expect(await verify(token)).toEqual(GOOD);
    expect(idp.server.requests.map(({ path }) => path)).toEqual(['/jwks', '/jwks']);
  });

  it('because it is down makes the handshake fail with the reason, which names no part of the token', async () => {
    const token = await idp.sign();
    await idp.server.close();

    const failure = await verify(token).catch((error: unknown) => error);

    expect(failure).toMatchObject({ name: 'KeysUnavailableError', message: expect.stringContaining('ECONNREFUSED') });
    for (const part of token.split('.')) expect(String(failure)).not.toContain(part);
    idp = await startTokenIssuer();
  });

  it('does not touch tokens by keys that were read a while ago', async () => {
    await verify(await idp.sign());
    idp.serve(500, '');
    wait(KEY_SET_COOLDOWN_MS);

    await expect(verify(await byUnknownKey(0))).rejects.toMatchObject({ name: 'KeysUnavailableError' });
    await expect(verify(await byUnknownKey(1))).rejects.toMatchObject({ name: 'KeysUnavailableError' });
    expect(await verify(await idp.sign())).toEqual(GOOD);
    expect(requests()).toBe(2);
  });
});
