import { connect } from 'node:net';
import { once } from 'node:events';
import { RuntimeSetupError } from '../../../../local/model.ts';
import { startEdge } from '../../../../local/gateway/edges.ts';
import { createServer } from 'node:http';
import { listen } from '../../../../local/gateway/listen.ts';
import { openClient, openKnown, refusedStatus, startHarness, stopAll } from './gateway-harness.ts';

afterEach(stopAll);

const KB = 1024;

describe('a connection by an edge', () => {
  it('is served like any other', async () => {
    const harness = await startHarness({ edges: 1 });
    const client = await openKnown(harness);

    client.send({ action: 'echo', text: 'x'.repeat(30 * KB) });
    const answer = await client.next();
    const { headers, requestContext } = await harness.event('connect');

    expect(answer).toBe(JSON.stringify({ action: 'echo', text: 'x'.repeat(30 * KB) }));
    expect(requestContext['identity']).toMatchObject({ sourceIp: '127.0.0.1' });
    expect(headers?.['X-Forwarded-For']).toBe('127.0.0.1');
  });

  it('gets what is posted to it, in order', async () => {
    const harness = await startHarness({ edges: 1 });
    const client = await openKnown(harness);
    const posts = Array.from({ length: 50 }, (_, index) => `${index}:${'x'.repeat(8 * KB)}`);

    const statuses = [];
    for (const body of posts) {
      const { status } = await fetch(harness.callbackUrl(client.id), { method: 'POST', body, headers: SIGNED });
      statuses.push(status);
    }
    while (client.frames.length < posts.length) await client.next();

    expect(new Set(statuses)).toEqual(new Set([200]));
    expect(client.frames).toEqual(posts);
  });

  it('is answered 429 once it does not read what it gets', async () => {
    const harness = await startHarness({ edges: 1, limits: { slowConsumerBytes: 64 * KB } });
    const client = await openKnown(harness);
    client.ws.pause();

    let status = 200;
    for (let sent = 0; sent < 500 && status === 200; sent += 1) {
      const post = { method: 'POST', body: 'x'.repeat(100 * KB), headers: SIGNED };
      ({ status } = await fetch(harness.callbackUrl(client.id), post));
    }

    expect(status).toBe(429);
  });

  it.each([
    ['closed', (ws: { close: (code: number) => void }) => ws.close(4001), 4001],
    ['cut', (ws: { terminate: () => void }) => ws.terminate(), 1006],
  ])('that is %s by the client is told to $disconnect once', async (_what, leave, code) => {
    const harness = await startHarness({ edges: 1 });
    const client = await openClient(harness.url);

    leave(client.ws);
    const { requestContext } = await harness.event('disconnect');
    await harness.gateway.close();

    expect(requestContext['disconnectStatusCode']).toBe(code);
    expect(harness.seen('disconnect')).toHaveLength(1);
    expect(harness.gateway.connectionCount()).toBe(0);
  });

  it('is refused like any other', async () => {
    const harness = await startHarness({ edges: 1, limits: { connections: 0 } });

    expect(await refusedStatus(harness.url)).toBe(429);
  });

  it('ends with 1001 when the gateway closes, and so does the edge', async () => {
    const harness = await startHarness({ edges: 1 });
    const client = await openClient(harness.url);

    await harness.gateway.close();

    expect((await client.closed).code).toBe(1001);
    expect(await canConnect(harness.gateway.edgePorts[0] ?? 0)).toBe(false);
    expect(harness.warnings).toEqual([]);
  });
});

describe('startEdge', () => {
  it('says why an edge cannot listen', async () => {
    const server = createServer();
    const port = await listen(server, 0);
    const terminal = { info: () => undefined, warn: () => undefined, lambdaLog: () => undefined };

    const start = startEdge({ port, connections: 1 }, { terminal, onConnection: () => undefined });

    await expect(start).rejects.toThrow(RuntimeSetupError);
    await expect(start).rejects.toThrow(/EADDRINUSE/);
    server.close();
  });
});

/** Any signature will do: nobody checks it here. */
const SIGNED = { authorization: 'AWS4-HMAC-SHA256' };

async function canConnect(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    // Refused: nobody listens.
    return false;
  } finally {
    socket.destroy();
  }
}
