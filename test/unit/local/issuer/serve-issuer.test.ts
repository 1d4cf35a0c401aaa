import { once } from 'node:events';
import { createServer } from 'node:http';
import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import { createIssuer, type IssuerFacts } from '../../../../local/issuer/issuer.ts';
import { serveIssuer } from '../../../../local/issuer/serve-issuer.ts';
import { permissionsFromClaims } from '../../../../shared/auth/policy.ts';

const NOW_MS = Date.UTC(2026, 10, 28, 12, 0, 0, 400);
const NOW = Math.floor(NOW_MS / 1_000);

describe('the local issuer', () => {
  const closings: (() => void)[] = [];
  afterEach(() => {
    for (const close of closings.splice(0)) close();
  });

  async function serve(hasAuthorizer = true): Promise<{ url: string; facts: IssuerFacts }> {
    const server = createServer().listen(0, '127.0.0.1');
    closings.push(() => server.close().closeAllConnections());
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const issuer = createIssuer({ port }, () => NOW_MS);
    server.on(
      'request',
      serveIssuer({ issuer, hasAuthorizer }, (_, response) => response.end('the page')),
    );
    return { url: `http://127.0.0.1:${port}`, facts: issuer.facts };
  }

  async function ask(url: string, body: unknown): Promise<{ status: number; answer: Record<string, unknown> }> {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const response = await fetch(`${url}/_runtime/tokens`, { method: 'POST', body: text });
    const answer: Record<string, unknown> = JSON.parse(await response.text());
    return { status: response.status, answer };
  }

  it('makes a token that its own keys, issuer and audience verify', async () => {
    const { url, facts } = await serve();
    const claims = { subscribe: ['news/*'], publish: ['user/${sub}/*'], count: [], presence: [], name: 'Ann' };

    const { status, answer } = await ask(url, { sub: 'ann', forSeconds: 60, ...claims });
    const token = String(answer['token']);
    const { payload } = await jwtVerify(token, createRemoteJWKSet(new URL(facts.jwksUri)), {
      issuer: facts.issuer,
      audience: facts.audience,
      algorithms: ['ES256'],
      currentDate: new Date(NOW_MS),
    });

    expect(status).toBe(200);
    expect(answer).toEqual({ token, expiresAt: NOW + 60, hasAuthorizer: true });
    expect(decodeProtectedHeader(token)).toEqual({ alg: 'ES256', typ: 'JWT', kid: expect.any(String) });
    expect(payload).toEqual({
      ...claims,
      iss: facts.issuer,
      aud: facts.audience,
      sub: 'ann',
      iat: NOW,
      exp: NOW + 60,
    });
    expect(permissionsFromClaims(payload).publish).toEqual(['user/ann/*']);
  });

  it('makes a token for an hour when no time is asked for, and says whether anything asks for tokens', async () => {
    const { url } = await serve(false);

    const { answer } = await ask(url, { sub: 'ann' });

    expect(answer).toMatchObject({ expiresAt: NOW + 3_600, hasAuthorizer: false });
  });

  it('describes itself where its issuer says', async () => {
    const { facts } = await serve();

    const response = await fetch(`${facts.issuer}/.well-known/openid-configuration`);

    expect(await response.json()).toMatchObject({ issuer: facts.issuer, jwks_uri: facts.jwksUri });
    expect(response.headers.get('cache-control')).toBe('no-store');
  });

  it('shows the public part of its key alone', async () => {
    const { facts } = await serve();

    const { keys }: { keys: unknown } = JSON.parse(await (await fetch(facts.jwksUri)).text());

    const use = { kty: 'EC', crv: 'P-256', alg: 'ES256', use: 'sig' };
    expect(keys).toEqual([{ ...use, kid: expect.any(String), x: expect.any(String), y: expect.any(String) }]);
  });

  it.each<[string, unknown, RegExp]>([
    ['is no JSON', '{', /not a JSON object/],
    ['is a list', [], /not a JSON object/],
    ['names no subject', {}, /^sub is a text of 1 to 128/],
    ['has an empty subject', { sub: '' }, /^sub is/],
    ['has a long subject', { sub: 'x'.repeat(129) }, /^sub is/],
    ['has a line end in its subject', { sub: 'a\nb' }, /^sub is/],
    ['has a number as its subject', { sub: 1 }, /^sub is/],
    ['asks for no time', { sub: 'a', forSeconds: 0 }, /^forSeconds is a whole number from 1 to 86400/],
    ['asks for over a day', { sub: 'a', forSeconds: 86_401 }, /^forSeconds is/],
    ['asks for part of a second', { sub: 'a', forSeconds: 1.5 }, /^forSeconds is/],
    ['asks for a text of seconds', { sub: 'a', forSeconds: '60' }, /^forSeconds is/],
    ['names another issuer', { sub: 'a', iss: 'https://example.com' }, /^iss is a claim that the issuer sets/],
    ['names its end', { sub: 'a', exp: 1 }, /^exp is a claim/],
    ['has an object as a claim', { sub: 'a', publish: {} }, /^A claim is a text or a list of texts/],
    ['has a list of numbers', { sub: 'a', publish: [1] }, /^A claim is/],
  ])('refuses with 400 a request that %s', async (_what, body, message) => {
    const { url } = await serve();

    expect(await ask(url, body)).toEqual({ status: 400, answer: { message: expect.stringMatching(message) } });
  });

  it('refuses with 413 a request of over 2,600 bytes, and fits the largest token into 4,096 characters', async () => {
    const { url } = await serve();
    const request = (letters: number) => JSON.stringify({ sub: 'ann', name: 'x'.repeat(letters) });
    const empty = request(0).length;

    const { status, answer } = await ask(url, request(2_600 - empty));
    const larger = await ask(url, request(2_601 - empty));

    expect(status).toBe(200);
    expect(String(answer['token']).length).toBeLessThan(4_096);
    expect(larger.status).toBe(413);
  });

  it.each([
    ['GET', '/_runtime/tokens'],
    ['POST', '/_runtime/jwks.json'],
  ])('refuses %s %s with 405', async (method, path) => {
    const { url } = await serve();

    expect((await fetch(url + path, { method })).status).toBe(405);
  });

  it('leaves all else to the page', async () => {
    const { url } = await serve();

    expect(await (await fetch(`${url}/_runtime/tokens/more`)).text()).toBe('the page');
  });
});
