import { createLocalLogs } from '../../../cli/logs/local-logs.ts';
import { startHttpServer } from '../../helpers/http-server.ts';

const WANTED = { contains: ['"message":"broadcast"'], roles: ['broadcast'] } as const;

describe('the logs of the local runtime', () => {
  it('are its lines of the span, and it is asked for their text and beginning', async () => {
    const server = await startHttpServer((_, response) =>
      response.end('{"timestamp":5,"message":"a"}\n{"timestamp":9,"message":"b"}\n'),
    );
    const logs = createLocalLogs({
      name: 'it',
      instance: 'Live',
      callbackUrl: `${server.url}/live`,
      timeoutMs: 10_000,
    });

    const lines = await logs.find({ ...WANTED, sinceMs: 5, untilMs: 8 });
    await server.close();

    expect(lines).toEqual([{ timestamp: 5, message: 'a' }]);
    expect(new URL(server.requests[0]?.path ?? '', server.url).searchParams.toString()).toBe(
      'since=5&contains=%22message%22%3A%22broadcast%22',
    );
  });

  it.each([
    ['Live', ['live', 'orders', 'cut off']],
    ['Chat', ['chat', 'cut off']],
    ['', ['default', 'cut off']],
  ])('of the instance %j are those of its functions alone', async (instance, expected) => {
    const names = {
      live: 'Shop-LiveFunctionsBroadcastFunction0987C0BD',
      chat: 'Shop-ChatFunctionsBroadcastFunction4FD3BE76',
      default: 'Shop-FunctionsBroadcastFunctionB2E77C50',
      orders: 'Shop-LiveTopicsFromOrdersFunction24A6E455',
      'cut off': 'A-stack-with-a-name-that-leaves-no-room-for-the-logical-1a2b3c4d',
    };
    const lines = Object.entries(names).map(([message, functionName]) => ({ timestamp: 1, functionName, message }));
    const server = await startHttpServer((_, response) =>
      response.end(lines.map((line) => JSON.stringify(line)).join('\n')),
    );
    const logs = createLocalLogs({ name: 'it', instance, callbackUrl: server.url, timeoutMs: 10_000 });

    const found = await logs.find(WANTED);
    await server.close();

    expect(found.map(({ message }) => message)).toEqual(expect.arrayContaining(expected));
    expect(found).toHaveLength(expected.length);
  });

  it('that do not come in time are late, in a sentence: the runtime is there', async () => {
    const server = await startHttpServer(() => undefined);
    const logs = createLocalLogs({ name: 'The runtime', instance: '', callbackUrl: server.url, timeoutMs: 50 });

    await expect(logs.find(WANTED)).rejects.toThrow(/^The runtime is late: .*Try again/);
    await server.close();
  });

  it('of a runtime that has none are an older version’s', async () => {
    const server = await startHttpServer((_, response) => response.writeHead(403).end());
    const logs = createLocalLogs({ name: 'The runtime', instance: '', callbackUrl: server.url, timeoutMs: 10_000 });

    await expect(logs.find(WANTED)).rejects.toThrow('does not give its logs (403)');
    await server.close();
  });
});
