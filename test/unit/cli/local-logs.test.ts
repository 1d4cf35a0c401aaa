import { createLocalLogs } from '../../../cli/logs/local-logs.ts';
import { startHttpServer } from '../../helpers/http-server.ts';

const WANTED = { contains: ['"message":"broadcast"'], roles: ['broadcast'] } as const;

describe('the logs of the local runtime', () => {
  it('are its lines of the span, and it is asked for their text and beginning', async () => {
    const server = await startHttpServer((_, response) =>
      response.end('{"timestamp":5,"message":"a"}\n{"timestamp":9,"message":"b"}\n'),
    );
    const logs = createLocalLogs({ name: 'it', callbackUrl: `${server.url}/live`, timeoutMs: 10_000 });

    const lines = await logs.find({ ...WANTED, sinceMs: 5, untilMs: 8 });
    await server.close();

    expect(lines).toEqual([{ timestamp: 5, message: 'a' }]);
    expect(new URL(server.requests[0]?.path ?? '', server.url).searchParams.toString()).toBe(
      'since=5&contains=%22message%22%3A%22broadcast%22',
    );
  });

  it('that do not come in time are late, in a sentence: the runtime is there', async () => {
    const server = await startHttpServer(() => undefined);
    const logs = createLocalLogs({ name: 'The runtime', callbackUrl: server.url, timeoutMs: 50 });

    await expect(logs.find(WANTED)).rejects.toThrow(/^The runtime is late: .*Try again/);
    await server.close();
  });

  it('of a runtime that has none are an older version’s', async () => {
    const server = await startHttpServer((_, response) => response.writeHead(403).end());
    const logs = createLocalLogs({ name: 'The runtime', callbackUrl: server.url, timeoutMs: 10_000 });

    await expect(logs.find(WANTED)).rejects.toThrow('does not give its logs (403)');
    await server.close();
  });
});
