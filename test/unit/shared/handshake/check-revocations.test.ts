import { randomUUID } from 'node:crypto';
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { createCheckRevocations } from '../../../../shared/handshake/check-revocations.ts';
import { RevocationsUnavailableError } from '../../../../shared/handshake/refusals.ts';
import { findRevocations, revoke } from '../../../../shared/store/revocations.ts';
import { revocationKey } from '../../../../shared/store/schema.ts';
import { engineClientOptions } from '../../../helpers/dynoxide.ts';
import { type HttpServer, startHttpServer } from '../../../helpers/http-server.ts';
import { startStoreEngine, type StoreEngine } from '../../../helpers/store-engine.ts';
import { TABLE_NAMES } from '../../../helpers/tables.ts';

const table = TABLE_NAMES.subscriptions;
const CREDENTIALS = { accessKeyId: 'test', secretAccessKey: 'test' };

describe('the check of revocations', () => {
  let engine: StoreEngine;
  let server: HttpServer | undefined;

  beforeAll(async () => {
    engine = await startStoreEngine();
  });

  afterEach(async () => {
    await server?.close();
    server = undefined;
  });

  afterAll(() => engine.stop());

  const store = () => ({ client: engine.client, table, now: Date.now, newStamp: () => randomUUID() });
  const checkAt = (endpoint: string) =>
    createCheckRevocations({
      table,
      keyOf: revocationKey,
      region: 'eu-central-1',
      endpoint,
      credentials: () => CREDENTIALS,
      now: Date.now,
    });

  it('finds nothing for a subject without any', async () => {
    const before = Date.now();

    const check = await checkAt(engine.endpoint)('nobody');

    expect(check).toEqual({ revoked: [], seen: 0, checkedAt: expect.any(Number) });
    expect(check.checkedAt).toBeGreaterThanOrEqual(before);
  });

  it('reads what an operator has written: the patterns that still hold, and the version', async () => {
    const until = Date.now() + 60_000;
    await revoke(store(), { subject: 'ann', pattern: 'news/*', until });
    await revoke(store(), { subject: 'ann', pattern: 'chat', until });
    const over = createCheckRevocations({
      table,
      keyOf: revocationKey,
      region: 'eu-central-1',
      endpoint: engine.endpoint,
      credentials: () => CREDENTIALS,
      now: () => until,
    });

    const check = await checkAt(engine.endpoint)('ann');

    expect(check.revoked.toSorted()).toEqual(['chat', 'news/*']);
    expect(check.seen).toBe((await findRevocations(store(), 'ann'))?.version);
    expect((await over('ann')).revoked).toEqual([]);
  });

  it('asks for the same as the official client, signed, and names no subject in the address', async () => {
    server = await startHttpServer((_request, response) => response.end('{}'));
    const sent: unknown[] = [];
    const client = new DynamoDBClient(engineClientOptions(engine));
    client.middlewareStack.add(
      (next) => async (args) => {
        sent.push(args.request);
        return next(args);
      },
      { step: 'finalizeRequest', name: 'watch' },
    );
    const Key = Object.fromEntries(Object.entries(revocationKey('ann')).map(([name, S]) => [name, { S }]));
    const command = { TableName: table, Key, ConsistentRead: true, ProjectionExpression: 'patterns, version' };
    await client.send(new GetItemCommand(command));
    client.destroy();

    await checkAt(server.url)('ann');

    const [official] = sent as { headers: Record<string, string>; body: Uint8Array }[];
    const [request] = server.requests;
    expect(JSON.parse(request?.body ?? '')).toEqual(JSON.parse(Buffer.from(official?.body ?? []).toString()));
    for (const name of ['content-type', 'x-amz-target']) {
      expect(request?.headers[name]).toBe(official?.headers[name]);
    }
    expect(request?.path).toBe('/');
    expect(request?.headers.authorization).toMatch(/^AWS4-HMAC-SHA256 .*\/eu-central-1\/dynamodb\/aws4_request/);
  });

  it('is tried once more, and then fails: a handshake is not let in unchecked', async () => {
    let answers = 0;
    server = await startHttpServer((_request, response) => {
      answers += 1;
      response.writeHead(500).end('{"__type":"com.amazonaws#InternalServerError","message":"secret"}');
    });

    const failed = await checkAt(server.url)('ann').catch((error: unknown) => error);

    expect(failed).toBeInstanceOf(RevocationsUnavailableError);
    expect(String(failed)).toContain('InternalServerError');
    expect(String(failed)).not.toContain('secret');
    expect(answers).toBe(2);
  });

  it('is tried once more over another socket where the kept one breaks', async () => {
    let answers = 0;
    server = await startHttpServer((_request, response) => {
      answers += 1;
      if (answers === 2) response.destroy();
      else response.end('{}');
    });
    const check = checkAt(server.url);
    await check('ann');

    expect(await check('ann')).toMatchObject({ revoked: [] });
    expect(answers).toBe(3);
  });

  it('says of an answer that is too long or cut off that it is, and nothing of what is in it', async () => {
    const texts: string[] = [];
    const body = `{"Item":{"secret":"${'s'.repeat(60_000)}"}}`;
    for (const sent of [body.repeat(5), body.slice(1)]) {
      server = await startHttpServer((_request, response) => {
        response.writeHead(200, { 'content-length': 5 * body.length });
        if (sent.length > body.length) response.end(sent);
        else response.end(sent, () => response.destroy());
      });
      texts.push(String(await checkAt(server.url)('ann').catch((error: unknown) => error)));
      await server.close();
    }

    expect(texts).toEqual([
      expect.stringContaining('no whole answer of at most 65536 bytes'),
      expect.stringContaining('no whole answer of at most 65536 bytes'),
    ]);
    expect(texts.join('')).not.toContain('sss');
    server = undefined;
  });

  it.each(['{"Item":{}}', '{"Item":{"patterns":{"M":{"a":{"S":"x"}}},"version":{"N":"1"}}}', '[]', 'no'])(
    'takes the answer %s for a fault, not for none',
    async (body) => {
      server = await startHttpServer((_request, response) => response.end(body));

      await expect(checkAt(server.url)('ann')).rejects.toThrow(RevocationsUnavailableError);
    },
  );
});
