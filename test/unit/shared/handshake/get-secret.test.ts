import { Sha256 } from '@aws-crypto/sha256-js';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SignatureV4 } from '@smithy/signature-v4';
import { getSecret, signGetSecret } from '../../../../shared/handshake/get-secret.ts';
import { type HttpServer, startHttpServer } from '../../../helpers/http-server.ts';

const SECRET_ARN = 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:tokens-AbCdEf';
const CREDENTIALS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret/key', sessionToken: 'session+token=' };

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

  /** The call as the official client makes it, which takes the time from our own one. */
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
