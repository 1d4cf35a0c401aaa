import { randomBytes } from 'node:crypto';
import { Sha256 } from '@aws-crypto/sha256-js';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SignatureV4 } from '@smithy/signature-v4';
import { type JWTPayload, SignJWT } from 'jose';
import { readAuthSettings } from '../../../shared/auth/auth-settings.ts';
import { getSecret, signGetSecret } from '../../../shared/handshake/get-secret.ts';
import { createSharedSecret, SECRET_COOLDOWN_MS, SECRET_MS } from '../../../shared/handshake/shared-secret.ts';
import { createVerifyToken, type VerifyToken } from '../../../shared/handshake/verify-token.ts';
import { type HttpServer, startHttpServer } from '../../helpers/http-server.ts';
import { AUDIENCE, createSigningKey, goodClaims, rawToken, signToken, SUBJECT } from '../../helpers/token-issuer.ts';

const SECRET_ARN = 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:tokens-AbCdEf';
const CREDENTIALS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret/key', sessionToken: 'session+token=' };
const GOOD = { principal: expect.objectContaining({ subject: SUBJECT }) };

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

describe('the call of Secrets Manager', () => {
  let server: HttpServer;
  let answer: { readonly status: number; readonly body: string };

  beforeEach(async () => {
    answer = { status: 200, body: '{}' };
    server = await startHttpServer((_request, response) => {
      response.writeHead(answer.status, { 'content-type': 'application/x-amz-json-1.1' });
      response.end(answer.body);
    });
  });

  afterEach(() => server.close());

  const call = (sessionToken?: string) =>
    getSecret(SECRET_ARN, {
      endpoint: server.url,
      credentials: () => ({ ...CREDENTIALS, sessionToken }),
      now: Date.now,
    });

  /** The same call by the official client, which takes the time from our own one. */
  async function callOfficially(sessionToken?: string) {
    const { sessionToken: _session, ...credentials } = CREDENTIALS;
    const client = new SecretsManagerClient({
      endpoint: server.url,
      region: 'eu-central-1',
      credentials: { ...credentials, ...(sessionToken === undefined ? {} : { sessionToken }) },
      maxAttempts: 1,
    });
    try {
      return await client.send(new GetSecretValueCommand({ SecretId: SECRET_ARN }));
    } finally {
      client.destroy();
    }
  }

  it.each([undefined, CREDENTIALS.sessionToken])(
    'is the request of the official client, with the session %j',
    async (sessionToken) => {
      answer = { status: 200, body: JSON.stringify({ SecretString: 'x' }) };
      await call(sessionToken);
      await callOfficially(sessionToken);

      const [ours, official] = server.requests;
      const SENT = ['content-type', 'x-amz-target', 'x-amz-security-token'] as const;
      expect([ours?.method, ours?.path]).toEqual([official?.method, official?.path]);
      expect(JSON.parse(ours?.body ?? '')).toEqual(JSON.parse(official?.body ?? ''));
      for (const name of SENT) expect(ours?.headers[name]).toEqual(official?.headers[name]);
      const scopeOf = (authorization = '') => /Credential=[^,]+/.exec(authorization)?.[0];
      expect(scopeOf(ours?.headers.authorization)).toBe(scopeOf(official?.headers.authorization));
    },
  );

  it.each([
    ['a text', { SecretString: 'a text, ünal' }],
    ['bytes', { SecretBinary: Buffer.from([1, 2, 255]).toString('base64') }],
  ])('reads %s as the official client does', async (_what, body) => {
    answer = { status: 200, body: JSON.stringify({ ARN: SECRET_ARN, Name: 'tokens', VersionId: 'v', ...body }) };

    const [ours, official] = [await call(), await callOfficially()];

    const expected = official.SecretString === undefined ? official.SecretBinary : Buffer.from(official.SecretString);
    expect(Buffer.from(ours)).toEqual(Buffer.from(expected ?? []));
  });

  it.each([
    ['ResourceNotFoundException', 400],
    ['AccessDeniedException', 400],
    ['InternalServiceError', 500],
  ])('names the error %s as the official client does', async (type, status) => {
    answer = { status, body: JSON.stringify({ __type: `com.amazonaws.secretsmanager#${type}`, Message: 'no' }) };

    await expect(callOfficially()).rejects.toMatchObject({ name: type });
    await expect(call()).rejects.toThrow(`${type} with the status ${status}`);
  });

  it.each([
    ['no JSON', '<secret>', 'the answer is not JSON'],
    ['no secret', '{"ARN":"a"}', 'the answer has no secret'],
    ['another type of secret', '{"SecretString":{"a":"secret"}}', 'the answer has no secret'],
    ['more than 64 KB', `"${'secret'.repeat(20_000)}"`, 'the answer is longer than 65536 bytes'],
  ])('fails for an answer with %s, and quotes nothing of it', async (_what, body, message) => {
    answer = { status: 200, body };

    const failure = await call().catch((error: unknown) => error);

    expect(failure).toMatchObject({ message });
  });

  it.each([undefined, CREDENTIALS.sessionToken])(
    'has the signature of the official signer, with the session %j',
    async (session) => {
      const { sessionToken: _session, ...keys } = CREDENTIALS;
      const credentials = { ...keys, ...(session === undefined ? {} : { sessionToken: session }) };
      const nowMs = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
      const { url, headers, body } = signGetSecret(SECRET_ARN, { credentials: () => credentials, now: () => nowMs });
      const { host, hostname } = new URL(url);
      const signer = new SignatureV4({
        service: 'secretsmanager',
        region: 'eu-central-1',
        credentials,
        sha256: Sha256,
      });

      const given = {
        host,
        'content-type': headers['content-type'] ?? '',
        'x-amz-target': headers['x-amz-target'] ?? '',
      };
      const request = { method: 'POST', protocol: 'https:', hostname, path: '/', body, headers: given };
      const signed = await signer.sign(request, { signingDate: new Date(nowMs) });

      expect({ host, ...headers }).toEqual(signed.headers);
    },
  );

  it('goes to the region and the partition of the secret, over TLS', () => {
    const urlOf = (arn: string) => signGetSecret(arn, { credentials: () => CREDENTIALS, now: Date.now }).url;

    expect(urlOf(SECRET_ARN)).toBe('https://secretsmanager.eu-central-1.amazonaws.com/');
    expect(urlOf(SECRET_ARN.replace('aws:', 'aws-cn:').replace('eu-central-1', 'cn-north-1'))).toBe(
      'https://secretsmanager.cn-north-1.amazonaws.com.cn/',
    );
  });
});
