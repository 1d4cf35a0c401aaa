import { Sha256 } from '@aws-crypto/sha256-js';
import { SignatureV4 } from '@smithy/signature-v4';
import type { Credentials } from '../../../../shared/http/sigv4.ts';
import { createCallEncoder } from '../../../../shared/http/call-encoder.ts';

const REGION = 'eu-central-1';
const NOW_MS = Date.UTC(2026, 10, 29, 23, 59, 59, 999);
const LASTING: Credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG' };
const PASSING: Credentials = { ...LASTING, sessionToken: 'IQoJb3JpZ2luX2Vj+/aCF==' };

/** Reads a request as an HTTP server would. */
function parse(request: Buffer) {
  const [head = '', body = ''] = request.toString().split('\r\n\r\n');
  const [line, ...lines] = head.split('\r\n');
  const headers = Object.fromEntries(
    lines.map((each) => [each.slice(0, each.indexOf(':')), each.slice(each.indexOf(':') + 2)]),
  );
  return { line, headers, body };
}

/** Returns the header `authorization` by the official signer, over the headers that a request says are signed. */
async function referenceOf({ headers, body }: ReturnType<typeof parse>, credentials: Credentials, nowMs: number) {
  const { accessKeyId, secretAccessKey, sessionToken } = credentials;
  const signer = new SignatureV4({
    service: 'dynamodb',
    region: REGION,
    credentials: { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) },
    sha256: Sha256,
    applyChecksum: false,
  });
  const names = /SignedHeaders=([^,]+)/.exec(headers['authorization'] ?? '')?.[1]?.split(';') ?? [];
  const given = names.filter((name) => name !== 'x-amz-date' && name !== 'x-amz-security-token');
  const request = {
    method: 'POST',
    protocol: 'https:',
    hostname: String(headers['host']),
    path: '/',
    body,
    headers: Object.fromEntries(given.map((name) => [name, String(headers[name])])),
  };
  return (await signer.sign(request, { signingDate: new Date(nowMs) })).headers['authorization'];
}

describe('a call of DynamoDB', () => {
  it.each(['https://dynamodb.eu-central-1.amazonaws.com', 'http://127.0.0.1:8000'])(
    'to %s is signed as the official signer signs it: for each operation and body, by the second, and by the caller',
    async (endpoint) => {
      const encode = createCallEncoder({ region: REGION, url: new URL(endpoint) });
      const signatures = new Set<string | undefined>();
      for (const credentials of [LASTING, PASSING]) {
        for (const nowMs of [NOW_MS, NOW_MS + 1]) {
          for (const [operation, body] of [
            ['UpdateItem', '{}'],
            ['UpdateItem', '{"é":"🌊"}'],
            ['Query', '{}'],
          ] as const) {
            const request = parse(encode({ operation, body }, { credentials, nowMs }));

            expect(request.headers['authorization']).toBe(await referenceOf(request, credentials, nowMs));
            signatures.add(request.headers['authorization']);
          }
        }
      }

      expect(signatures.size).toBe(12);
    },
  );

  it('is one request over HTTP/1.1, with the length of its body in bytes', () => {
    const encode = createCallEncoder({ region: REGION, url: new URL('http://127.0.0.1:8000') });

    const { line, headers, body } = parse(
      encode({ operation: 'PutItem', body: '{"é":"🌊"}' }, { credentials: PASSING, nowMs: NOW_MS }),
    );

    expect(line).toBe('POST / HTTP/1.1');
    expect(body).toBe('{"é":"🌊"}');
    expect(headers).toMatchObject({
      host: '127.0.0.1:8000',
      'content-length': String(Buffer.byteLength(body)),
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': 'DynamoDB_20120810.PutItem',
      'x-amz-security-token': PASSING.sessionToken,
    });
  });

  it('is refused with credentials that no header may have', () => {
    const encode = createCallEncoder({ region: REGION, url: new URL('http://127.0.0.1:8000') });
    const by = { credentials: { ...LASTING, sessionToken: 'a\r\nx: y' }, nowMs: NOW_MS };

    expect(() => encode({ operation: 'PutItem', body: '{}' }, by)).toThrow('no HTTP header');
  });
});
