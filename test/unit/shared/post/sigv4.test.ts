import { ApiGatewayManagementApiClient, PostToConnectionCommand } from '@aws-sdk/client-apigatewaymanagementapi';
import type { Credentials } from '../../../../shared/http/sigv4.ts';
import { createPreparedFrames } from '../../../../shared/post/prepared-frames.ts';
import { createPostSigner } from '../../../../shared/post/sigv4.ts';
import { type HttpServer, startHttpServer } from '../../../helpers/http-server.ts';
import { signByReference } from '../../../helpers/reference-signer.ts';

const REGION = 'eu-central-1';
const NOW_MS = Date.UTC(2026, 10, 21, 23, 59, 59, 999);
const LASTING: Credentials = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
};
const PASSING: Credentials = { ...LASTING, sessionToken: 'IQoJb3JpZ2luX2Vj+/aCF==' };
const IDS = ['C1=', 'gTg3TG75DQAYKABzSA==', 'a-b_c/d+e==', 'a%2Fb', "!*'()~.", '@connections', 'é🌊 ?#&'] as const;

const prepare = createPreparedFrames();

describe('the signature of a post', () => {
  it.each(IDS)('of the connection %s has the bytes of the official signer, with and without a token', async (id) => {
    const callbackUrl = 'https://abc123.execute-api.eu-central-1.amazonaws.com/live';
    const sign = createPostSigner(callbackUrl, REGION);

    for (const credentials of [LASTING, PASSING]) {
      for (const text of ['', '{}', '{"data":"é🌊"}']) {
        const signed = sign(id, prepare(text), { credentials, nowMs: NOW_MS });

        expect(signed).toEqual(
          await signByReference({ callbackUrl, region: REGION, credentials, nowMs: NOW_MS }, signed),
        );
      }
    }
  });

  it.each([
    'http://127.0.0.1:3001/live',
    'https://example.com',
    'https://example.com:8443/',
    'https://example.com/my%20stage/',
    "https://example.com/ä/~(x)!*'",
    'https://ws.example.com/a/b',
  ])('under %s has the bytes of the official signer', async (callbackUrl) => {
    const signed = createPostSigner(callbackUrl, REGION)('C1=', prepare('1'), {
      credentials: PASSING,
      nowMs: NOW_MS,
    });

    expect(signed).toEqual(
      await signByReference({ callbackUrl, region: REGION, credentials: PASSING, nowMs: NOW_MS }, signed),
    );
  });

  it('goes with the time and with who signs: by the second, over midnight, and when credentials are renewed', async () => {
    const callbackUrl = 'https://example.com/live';
    const sign = createPostSigner(callbackUrl, REGION);
    const renewed = { ...PASSING, accessKeyId: 'ASIARENEWED', secretAccessKey: 'other', sessionToken: 'new' };
    const moments = [
      { credentials: PASSING, nowMs: NOW_MS },
      { credentials: PASSING, nowMs: NOW_MS - 500 },
      { credentials: PASSING, nowMs: NOW_MS + 1 },
      { credentials: renewed, nowMs: NOW_MS + 1 },
      { credentials: LASTING, nowMs: NOW_MS + 1 },
      { credentials: PASSING, nowMs: NOW_MS },
    ];

    const signatures = new Set<string | undefined>();
    for (const moment of moments) {
      const signed = sign('C1=', prepare('1'), moment);
      expect(signed).toEqual(await signByReference({ callbackUrl, region: REGION, ...moment }, signed));
      signatures.add(signed.headers.at(-1));
    }

    expect(signatures.size).toBe(4);
  });
});

describe('the official client', () => {
  let server: HttpServer;
  beforeAll(async () => {
    server = await startHttpServer((_, response) => response.end());
  });
  afterAll(() => server.close());

  /** Returns the request that the official client sends over the wire. */
  async function sendOfficially(callbackUrl: string, credentials: Credentials, [ConnectionId, Data]: [string, string]) {
    const { accessKeyId, secretAccessKey, sessionToken } = credentials;
    const client = new ApiGatewayManagementApiClient({
      endpoint: callbackUrl,
      region: REGION,
      credentials: { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) },
    });
    await client.send(new PostToConnectionCommand({ ConnectionId, Data }));
    client.destroy();
    const request = server.requests.at(-1);
    if (request === undefined) throw new Error('nothing was sent');
    return request;
  }

  it.each(
    IDS.map((id, i) => [id, i % 2 === 0 ? '/live' : "/my stage/ä~(x)!*'", i % 2 === 0 ? LASTING : PASSING] as const),
  )(
    'posts to %s under %s by the same path, headers and body, but for what tells of itself',
    async (id, stage, credentials) => {
      const callbackUrl = `${server.url}${stage}`;
      const official = await sendOfficially(callbackUrl, credentials, [id, '{"é":"🌊"}']);
      const nowMs = timeOf(String(official.headers['x-amz-date']));

      const signed = createPostSigner(callbackUrl, REGION)(id, prepare('{"é":"🌊"}'), { credentials, nowMs });

      expect(signed.path).toBe(official.path);
      expect(signed.body.toString()).toBe(official.body);
      const ours = Object.fromEntries(pairsOf(signed.headers));
      const { authorization: _, ...theirs } = official.headers;
      expect(theirs).toMatchObject(
        Object.fromEntries(pairsOf(signed.headers).filter(([name]) => name !== 'authorization')),
      );
      // Its own headers signed by the reference give its own signature: so what it signs is what the reference signs.
      const whole = { path: official.path, headers: signedPairs(official.headers), body: Buffer.from(official.body) };
      const reference = await signByReference({ callbackUrl, region: REGION, credentials, nowMs }, whole);
      expect(reference.headers.at(-1)).toBe(official.headers.authorization);
      expect(ours['authorization']).toContain(scopeOf(String(official.headers.authorization)));
    },
  );
});

const timeOf = (amzDate: string): number =>
  Date.parse(amzDate.replace(/^(....)(..)(..)T(..)(..)(..)Z$/, '$1-$2-$3T$4:$5:$6Z'));

const scopeOf = (authorization: string): string => /Credential=[^,]+,/.exec(authorization)?.[0] ?? 'no scope';

const pairsOf = (headers: readonly string[]): [string, string][] =>
  headers.flatMap((name, i) => (i % 2 === 0 ? [[name, headers[i + 1] ?? ''] as [string, string]] : []));

/** The headers that a request's signature names, with the signature last. */
function signedPairs(headers: Readonly<Record<string, unknown>>): string[] {
  const authorization = String(headers['authorization']);
  const names = /SignedHeaders=([^,]+),/.exec(authorization)?.[1]?.split(';') ?? [];
  const others = names.filter((name) => name !== 'host').flatMap((name) => [name, String(headers[name])]);
  return [...others, 'authorization', authorization];
}
