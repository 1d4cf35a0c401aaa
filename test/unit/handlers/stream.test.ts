import { defineAwsLambda, HTTP_RESPONSE, runStreaming } from '../../../local/lambda/response-stream.ts';
import type { ResponseChunk } from '../../../local/lambda/runtime-messages.ts';
import { ENVIRONMENT } from '../../../shared/config.ts';
import { findHead } from '../../../shared/store/topics.ts';
import { revoke } from '../../../shared/store/revocations.ts';
import { setLambdaEnvironment } from '../../helpers/lambda-environment.ts';
import { lambdaContext } from '../../helpers/lambda-events.ts';
import { startStoreEngine, type StoreEngine } from '../../helpers/store-engine.ts';
import { TABLE_NAMES } from '../../helpers/tables.ts';
import { AUDIENCE, startTokenIssuer, type TokenIssuer } from '../../helpers/token-issuer.ts';

const PRELUDE_END = Buffer.alloc(8);
const JSON_TYPE = { 'content-type': 'application/json' } as const;

interface UrlRequest {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  readonly query?: string;
  /** Default: a token that permits everything. `null`: none. */
  readonly token?: string | null;
}

describe('the Lambda of the HTTP door', () => {
  let engine: StoreEngine;
  let idp: TokenIssuer;
  let restore: () => void;

  beforeAll(async () => {
    engine = await startStoreEngine();
    idp = await startTokenIssuer();
    restore = setLambdaEnvironment({ dynamodb: engine.endpoint });
    process.env[ENVIRONMENT.auth] = 'on';
    const rules = { issuer: idp.issuer, audience: AUDIENCE, jwksUri: idp.jwksUri };
    process.env[ENVIRONMENT.tokenRules] = JSON.stringify(rules);
    process.env[ENVIRONMENT.allowedOrigins] = '[]';
    process.env[ENVIRONMENT.longPollSeconds] = '1';
    process.env[ENVIRONMENT.eventsSeconds] = '1';
    process.env[ENVIRONMENT.topicSettings] = JSON.stringify({ 'made/*': { create: 'server' } });
    defineAwsLambda();
  });

  afterAll(async () => {
    restore();
    await idp.server.close();
    await engine.stop();
  });

  const all = (sub = 'ann') => idp.sign({ sub, subscribe: ['*'], publish: ['*'] });

  /** Invokes the Lambda as its URL does, and returns the status, the headers and the body that it streams. */
  async function ask(method: string, topic: string, { headers = {}, body, query = '', token }: UrlRequest = {}) {
    const bearer = token === undefined ? await all() : token;
    const { handler }: { handler: object } = await import('../../../handlers/stream.ts');
    const chunks: Buffer[] = [];
    const types = new Set<string>();
    const send = ({ base64, contentType }: ResponseChunk, sent: () => void) => {
      chunks.push(Buffer.from(base64, 'base64'));
      if (contentType !== undefined) types.add(contentType);
      sent();
    };
    const event = {
      rawPath: `/v1/stream/${topic}`,
      rawQueryString: query,
      headers: { host: 'door.example', ...headers, ...(bearer === null ? {} : { authorization: `Bearer ${bearer}` }) },
      requestContext: { domainName: 'abc.lambda-url.eu-central-1.on.aws', http: { method } },
      ...(body === undefined ? {} : { body: Buffer.from(body).toString('base64') }),
      isBase64Encoded: body !== undefined,
    };
    await runStreaming(handler, event, { context: lambdaContext, send });
    expect([...types]).toEqual([HTTP_RESPONSE]);
    const whole = Buffer.concat(chunks);
    const end = whole.indexOf(PRELUDE_END);
    const { statusCode, headers: answered } = JSON.parse(whole.subarray(0, end).toString());
    return { status: statusCode, headers: answered, body: whole.subarray(end + PRELUDE_END.length) };
  }

  it('creates, appends, reads, describes and deletes', async () => {
    const created = await ask('PUT', 'news', { headers: JSON_TYPE });
    const appended = await ask('POST', 'news', { headers: JSON_TYPE, body: '{"a":1}' });
    const read = await ask('GET', 'news');
    const described = await ask('HEAD', 'news');
    const deleted = await ask('DELETE', 'news');

    expect([created, appended, read, described, deleted].map(({ status }) => status)).toEqual([
      201, 204, 200, 200, 204,
    ]);
    expect(created.headers['Location']).toBe('https://door.example/v1/stream/news');
    expect([read, described].map(({ body }) => body.toString())).toEqual(['[{"a":1}]', '']);
  });

  it('says where a stream is by the scheme and the host of the request', async () => {
    const { headers } = await ask('PUT', 'proxied', {
      headers: { ...JSON_TYPE, host: '127.0.0.1:4000', 'x-forwarded-proto': 'http' },
    });

    expect(headers['Location']).toBe('http://127.0.0.1:4000/v1/stream/proxied');
  });

  it('sends bytes as they are, and writes who published', async () => {
    const bytes = new Uint8Array([0, 255, 1]);
    await ask('PUT', 'bytes', { body: bytes });

    expect((await ask('GET', 'bytes')).body).toEqual(Buffer.from(bytes));
    expect(await findHead(engine.client, TABLE_NAMES.topics, 'bytes')).toMatchObject({ from: 'ann' });
  });

  it('sends events until its time is over', async () => {
    await ask('PUT', 'events', { headers: JSON_TYPE, body: '1' });

    const { status, body } = await ask('GET', 'events', { query: 'offset=-1&live=sse' });

    expect(status).toBe(200);
    expect(body.toString()).toMatch(/^event: data\ndata:\[1\]\n\nevent: control\ndata:\{.*"upToDate":true\}\n\n$/);
  });

  it('ends a long poll after its time', async () => {
    await ask('PUT', 'polled', { headers: JSON_TYPE });

    expect((await ask('GET', 'polled', { query: 'offset=now&live=long-poll' })).status).toBe(204);
  });

  it('lets nobody in without a token, and nobody do what a token does not permit', async () => {
    await ask('PUT', 'guarded', { headers: JSON_TYPE });
    const reader = await idp.sign({ sub: 'r', subscribe: ['guarded'] });

    const refused = await ask('GET', 'guarded', { token: null });

    expect([refused.status, refused.headers['WWW-Authenticate']]).toEqual([401, 'Bearer']);
    expect((await ask('GET', 'guarded', { token: reader })).status).toBe(200);
    expect((await ask('DELETE', 'guarded', { token: reader })).status).toBe(403);
  });

  it('knows at the next request what was revoked', async () => {
    await ask('PUT', 'revoked', { headers: JSON_TYPE });
    const token = await all('bob');
    const before = await ask('GET', 'revoked', { token });
    const deps = { client: engine.client, table: TABLE_NAMES.subscriptions, now: Date.now, newStamp: () => 'one' };
    await revoke(deps, { subject: 'bob', pattern: 'revoked', until: Date.now() + 60_000 });

    expect([before.status, (await ask('GET', 'revoked', { token })).status]).toEqual([200, 403]);
  });

  it('holds a client to the settings of topics', async () => {
    expect((await ask('PUT', 'made/by-a-client', { headers: JSON_TYPE })).status).toBe(403);
  });

  it('says to come again where DynamoDB fails, and nothing of the cause', async () => {
    const token = await all();
    await engine.kill();

    const { status, headers, body } = await ask('GET', 'news', { token });

    expect([status, headers['Retry-After'], body.toString()]).toEqual([503, '1', '']);
  });
});
