import { connect } from 'node:net';
import { once } from 'node:events';
import { type EngineGuard, startEngineGuard } from '../../../../local/iam/engine-guard.ts';
import type { AnswerInstead } from '../../../../local/iam/guard-requests.ts';
import { type HttpServer, startHttpServer } from '../../../helpers/http-server.ts';

const answerOf = (text: string) => `HTTP/1.1 400 Bad Request\r\nContent-Length: ${text.length}\r\n\r\n${text}`;

describe('the guard in front of an engine', () => {
  let guard: EngineGuard;
  let engine: HttpServer;

  afterEach(async () => {
    await guard.close();
    await engine.close();
  });

  async function start(answerInstead: AnswerInstead): Promise<void> {
    engine = await startHttpServer(({ body }, response) => response.end(`echo ${body}`));
    guard = await startEngineGuard(engine.url, answerInstead);
  }

  const bodies = (): string[] => engine.requests.map(({ body }) => body);
  const post = async (body: string): Promise<string> => (await fetch(guard.endpoint, { method: 'POST', body })).text();

  it('passes what may pass, and answers the rest itself, on one connection', async () => {
    await start(({ body }) => (body.toString() === 'bad' ? answerOf('refused') : undefined));

    expect([await post('one'), await post('bad'), await post('two')]).toEqual(['echo one', 'refused', 'echo two']);
    expect(bodies()).toEqual(['one', 'two']);
  });

  it('tells the tables of a write when the engine has answered it, and nothing of what was only read or refused', async () => {
    await start(({ target }) => (target.endsWith('DeleteItem') ? answerOf('refused') : undefined));
    const written: unknown[] = [];
    guard.onWritten((tables) => written.push([tables, bodies().length]));
    const call = (operation: string, input: object) =>
      fetch(guard.endpoint, {
        method: 'POST',
        headers: { 'X-Amz-Target': `DynamoDB_20120810.${operation}` },
        body: JSON.stringify(input),
      }).then((response) => response.text());

    await call('GetItem', { TableName: 'read' });
    await call('DeleteItem', { TableName: 'refused' });
    await call('UpdateItem', { TableName: 'Topics' });

    expect(written).toEqual([[['Topics'], 2]]);
  });

  it('waits for a verdict that is not known yet', async () => {
    const verdict = Promise.withResolvers<undefined>();
    await start(() => verdict.promise);
    const answer = post('late');
    verdict.resolve(undefined);

    expect(await answer).toBe('echo late');
  });

  it('ends the connection of a request that could not be judged', async () => {
    await start(() => Promise.reject(new Error('no verdict')));

    await expect(post('unknown')).rejects.toThrow();
    expect(bodies()).toEqual([]);
  });

  it('reads a request that comes byte by byte, and passes a long one whole', async () => {
    const seen: string[] = [];
    await start((request) => {
      seen.push(`${request.target} ${request.authorization}`);
      return undefined;
    });
    const socket = connect(Number(new URL(guard.endpoint).port), '127.0.0.1');
    const head = 'POST / HTTP/1.1\r\nHost: a\r\nX-Amz-Target: T.Op\r\nAuthorization: me\r\nContent-Length: 2\r\n\r\n';
    for (const byte of `${head}ok`) {
      socket.write(byte);
      await new Promise((resolve) => setImmediate(resolve));
    }
    const [answer] = await once(socket, 'data');
    socket.destroy();
    const long = 'x'.repeat(2_000_000);

    expect(String(answer)).toContain('200 OK');
    expect(seen[0]).toBe('T.Op me');
    expect(await post(long)).toBe(`echo ${long}`);
  });

  it.each([
    'Transfer-Encoding: chunked',
    'Content-Length: 1\r\nContent-Length: 5',
    'Content-Length: 1\r\n Content-Length: 5',
  ])('ends the connection of a request that two parsers could read in two ways: %j', async (header) => {
    await start(() => undefined);
    const socket = connect(Number(new URL(guard.endpoint).port), '127.0.0.1');
    socket.write(`POST / HTTP/1.1\r\nHost: a\r\n${header}\r\n\r\n5\r\nhello\r\n0\r\n\r\n`);
    await once(socket, 'close');

    expect(bodies()).toEqual([]);
  });
});
