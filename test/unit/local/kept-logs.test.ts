import { once } from 'node:events';
import { createServer } from 'node:http';
import { createKeptLogs, KEPT_LOGS, type KeptLogs, serveKeptLogs } from '../../../local/kept-logs.ts';
import type { Terminal } from '../../../local/model.ts';

const ALL = { functionName: undefined, sinceMs: 0, contains: [] };

const messagesOf = (logs: KeptLogs, wanted: Partial<Parameters<KeptLogs['find']>[0]> = {}): string[] =>
  logs.find({ ...ALL, ...wanted }).map(({ message }) => message);

describe('the logs that the runtime keeps', () => {
  const shown: string[] = [];
  let nowMs = 0;
  let logs: KeptLogs;
  let terminal: Terminal;

  beforeEach(() => {
    shown.length = 0;
    nowMs = 1_000;
    logs = createKeptLogs(() => nowMs);
    const silent = () => undefined;
    terminal = logs.listen({ info: silent, warn: silent, lambdaLog: (...line) => void shown.push(line.join(' ')) });
  });

  it('are those of every function, and the terminal shows them as before', () => {
    terminal.lambdaLog('route', 'r1', 'one');
    nowMs += 1;
    terminal.lambdaLog('broadcast', undefined, 'two');

    expect(shown).toEqual(['route r1 one', 'broadcast  two']);
    expect(logs.find(ALL)).toEqual([
      { timestamp: 1_000, functionName: 'route', requestId: 'r1', message: 'one' },
      { timestamp: 1_001, functionName: 'broadcast', requestId: undefined, message: 'two' },
    ]);
  });

  it('are found by function, by time and by all of several texts', () => {
    terminal.lambdaLog('route', 'r1', 'a red apple');
    nowMs += 10;
    terminal.lambdaLog('route', 'r2', 'a red car');
    terminal.lambdaLog('broadcast', 'b1', 'a green apple');

    expect(messagesOf(logs, { functionName: 'route' })).toEqual(['a red apple', 'a red car']);
    expect(messagesOf(logs, { sinceMs: 1_010 })).toEqual(['a red car', 'a green apple']);
    expect(messagesOf(logs, { contains: ['red', 'apple'] })).toEqual(['a red apple']);
  });

  it('forget the oldest lines of a function, and only its own', () => {
    terminal.lambdaLog('quiet', 'q', 'still here');
    for (let line = 0; line < KEPT_LOGS.linesPerFunction + 5; line++) terminal.lambdaLog('busy', 'b', String(line));

    const busy = messagesOf(logs, { functionName: 'busy' });

    expect(busy).toHaveLength(KEPT_LOGS.linesPerFunction);
    expect(busy[0]).toBe('5');
    expect(messagesOf(logs, { functionName: 'quiet' })).toEqual(['still here']);
  });

  it('forget by their size too, and keep on in order however long that goes on', () => {
    const large = 'x'.repeat(KEPT_LOGS.charactersPerFunction / 4);
    for (let line = 0; line < 25; line++) terminal.lambdaLog('large', 'l', `${line} ${large}`.slice(0, large.length));

    expect(messagesOf(logs).map((message) => message.split(' ')[0])).toEqual(['21', '22', '23', '24']);
  });

  it('are served as lines of JSON, read only; all else is the page’s', async () => {
    terminal.lambdaLog('route', 'r1', 'one & two');
    terminal.lambdaLog('route', 'r2', 'two');
    const server = createServer(serveKeptLogs(logs, (_, response) => void response.end('the page'))).listen(
      0,
      '127.0.0.1',
    );
    await once(server, 'listening');
    const address = server.address();
    const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;

    const found = await fetch(`${url}/_runtime/logs?function=route&since=x&contains=${encodeURIComponent('one &')}`);
    const written = await fetch(`${url}/_runtime/logs`, { method: 'POST' });
    const page = await fetch(`${url}/`);
    const [lines, text] = [await found.text(), await page.text()];
    server.close().closeAllConnections();

    expect(lines).toBe('{"timestamp":1000,"functionName":"route","requestId":"r1","message":"one & two"}\n');
    expect(written.status).toBe(405);
    expect(text).toBe('the page');
  });
});
