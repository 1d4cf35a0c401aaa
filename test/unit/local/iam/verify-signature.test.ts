import { Sha256 } from '@aws-crypto/sha256-js';
import { SignatureV4 } from '@smithy/signature-v4';
import { withQuerySignature } from '../../../../local/iam/query-signature.ts';
import { type CoveredRequest, verifySignature } from '../../../../local/iam/verify-signature.ts';

const SECRET = { secretAccessKey: 'secret', sessionToken: 'token' };

interface Sent {
  readonly path?: string;
  readonly query?: Record<string, string>;
  readonly body?: string;
}

/** Signs a request by the official signer, and returns it as it comes in. */
async function signed(
  service: string,
  { path = '/', query = {}, body = '{"a":1}' }: Sent = {},
): Promise<CoveredRequest> {
  const signer = new SignatureV4({
    credentials: { accessKeyId: 'ASIAX', ...SECRET },
    region: 'us-east-1',
    service,
    uriEscapePath: service !== 's3',
    sha256: Sha256,
  });
  const headers = { host: '127.0.0.1:4000', 'content-type': 'application/json', 'x-spaces': ' a   b ' };
  const sent = await signer.sign({
    method: 'POST',
    protocol: 'http:',
    hostname: '127.0.0.1',
    path,
    query,
    headers,
    body,
  });
  const search = Object.entries(query).map(([name, text]) => `${encodeURIComponent(name)}=${encodeURIComponent(text)}`);
  const target = search.length === 0 ? path : `${path}?${search.join('&')}`;
  return { method: 'POST', target, header: (name) => sent.headers[name], body: Buffer.from(body) };
}

const withHeader = (request: CoveredRequest, name: string, value: string | undefined): CoveredRequest => ({
  ...request,
  header: (asked) => (asked === name ? value : request.header(asked)),
});

describe('a signature', () => {
  it.each<[string, Sent]>([
    ['dynamodb', {}],
    ['execute-api', { path: '/live/@connections/R1kmxc2VNjMCFIA%3D' }],
    ['lambda', { path: '/2015-03-31/functions/arn%3Aaws%3Alambda/invocations', query: { Qualifier: 'a b', A: '(1)' } }],
    ['s3', { path: '/bucket/a%20b/%C3%A9' }],
  ])('of %s is computed as by the official signer', async (service, sent) => {
    const request = await signed(service, sent);

    expect(verifySignature(request, SECRET, service === 's3')).toBe('valid');
    expect(verifySignature({ ...request, body: undefined }, SECRET, service === 's3')).toBe('valid');
  });

  it('covers parameters of which one name begins with another, in the order of the names', async () => {
    const request = await signed('lambda', { query: { topic: 'a', topic2: 'b', 'topic-id': 'c' } });

    expect(verifySignature(request, SECRET, false)).toBe('valid');
  });

  it('covers all of the query, also what stands behind a second question mark or equals sign', async () => {
    const request = await signed('lambda', { query: { A: '1' } });
    const verdicts = ['?b', '=b', '&b'].map((added) =>
      verifySignature({ ...request, target: request.target + added }, SECRET, false),
    );

    expect(verdicts).toEqual(['mismatch', 'mismatch', 'mismatch']);
  });

  it('of another body, path, method, header or secret is noticed', async () => {
    const request = await signed('dynamodb');
    const verdicts = [
      verifySignature({ ...request, body: Buffer.from('{"a":2}') }, SECRET, false),
      verifySignature({ ...request, target: '/other' }, SECRET, false),
      verifySignature({ ...request, method: 'PUT' }, SECRET, false),
      verifySignature(withHeader(request, 'content-type', 'text/plain'), SECRET, false),
      verifySignature(request, { ...SECRET, secretAccessKey: 'another' }, false),
      verifySignature(withHeader(request, 'authorization', 'AWS4-HMAC-SHA256 Credential=ASIAX'), SECRET, false),
    ];

    expect(verdicts).toEqual(Array.from({ length: 6 }, () => 'mismatch'));
  });

  it('without the session token is one of somebody else', async () => {
    const request = withHeader(await signed('dynamodb'), 'x-amz-security-token', undefined);

    expect(verifySignature(request, SECRET, false)).toBe('wrong-token');
  });
});

/** Signs the URL of a request by the official signer, and returns the request as it comes in. */
async function presigned(): Promise<CoveredRequest> {
  const signer = new SignatureV4({
    credentials: { accessKeyId: 'ASIAX', ...SECRET },
    region: 'us-east-1',
    service: 'execute-api',
    sha256: Sha256,
  });
  const host = '127.0.0.1:4000';
  const sent = await signer.presign({
    method: 'GET',
    protocol: 'https:',
    hostname: '127.0.0.1',
    path: '/live',
    query: { room: 'a b' },
    headers: { host },
  });
  const search = Object.entries(sent.query ?? {}).map(
    ([name, text]) => `${encodeURIComponent(name)}=${encodeURIComponent(String(text))}`,
  );
  const header = (name: string): string | undefined => (name === 'host' ? host : undefined);
  return { method: 'GET', target: `/live?${search.join('&')}`, header, body: undefined };
}

describe('a signature in the query', () => {
  const judge = (request: CoveredRequest, secret = SECRET) =>
    verifySignature(withQuerySignature(request), secret, false);

  it('is computed as by the official signer', async () => {
    expect(judge(await presigned())).toBe('valid');
  });

  it('of another host, parameter, date, algorithm or secret is noticed', async () => {
    const request = await presigned();
    const verdicts = [
      judge(withHeader(request, 'host', 'elsewhere')),
      judge({ ...request, target: request.target.replace('room=a', 'room=b') }),
      judge({ ...request, target: `${request.target}?room=b` }),
      judge({ ...request, target: request.target.replace(/X-Amz-Date=\d{8}/, 'X-Amz-Date=20010101') }),
      judge({ ...request, target: request.target.replace('AWS4-HMAC-SHA256', 'AWS4-HMAC-SHA1') }),
      judge(request, { ...SECRET, secretAccessKey: 'another' }),
    ];

    expect(verdicts).toEqual(Array.from({ length: 6 }, () => 'mismatch'));
  });

  it('of another session is one of somebody else', async () => {
    expect(judge(await presigned(), { ...SECRET, sessionToken: 'another' })).toBe('wrong-token');
  });
});
