import { once } from 'node:events';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { RuntimeSetupError } from '../../../../local/model.ts';
import { startEdges } from '../../../../local/gateway/edges.ts';
import { createServer } from 'node:http';
import { listen } from '../../../../local/ports.ts';
import { eventually } from '../../../helpers/eventually.ts';
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

describe('an edge', () => {
  it('bears that all its clients go at once', async () => {
    const harness = await startHarness({ edges: 1 });
    const { edgePorts, connectionCount } = harness.gateway;
    const witness = await openClient(harness.url);
    const crowd = await Promise.all(Array.from({ length: 1_500 }, () => openSocket(edgePorts[0] ?? 0)));

    const gone = Promise.all(crowd.map((socket) => once(socket, 'close')));
    for (const socket of crowd) socket.resetAndDestroy();
    await gone;
    witness.send({ action: 'echo', text: 'still here' });

    expect(await witness.next()).toContain('still here');
    expect(connectionCount()).toBe(1);
    expect(harness.warnings).toEqual([]);
  });

  it('that ends takes its own connections with it, and says so', async () => {
    const harness = await startHarness({ edges: 2 });
    const [lost, kept] = harness.gateway.edgePorts.map((port) => `ws://127.0.0.1:${port}/live`);
    const [first, second] = [await openClient(lost ?? ''), await openClient(kept ?? '')];

    process.kill(await pidListeningOn(harness.gateway.edgePorts[0] ?? 0), 'SIGKILL');
    const { code } = await first.closed;
    await harness.event('disconnect');
    second.send({ action: 'echo', text: 'other' });

    expect(code).toBe(1006);
    expect(await second.next()).toContain('other');
    // The edge's sockets and channel are closed before its exit is reported.
    await eventually(() => harness.warnings.length > 0);
    expect(harness.warnings).toEqual([expect.stringContaining('SIGKILL')]);
  });

  it('that cannot listen says why, and leaves none of its siblings', async () => {
    const port = await listen(taken, 0);
    const terminal = { info: () => undefined, warn: () => undefined, lambdaLog: () => undefined };

    const start = startEdges(2, { port, connections: 1 }, { terminal, onConnection: () => undefined });

    await expect(start).rejects.toThrow(RuntimeSetupError);
    await expect(start).rejects.toThrow(/EADDRINUSE/);
  });
});

const taken = createServer();
afterAll(() => taken.close());

async function openSocket(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

/** Returns the process that has the listening socket open, from the kernel's list. Linux only. */
async function pidListeningOn(port: number): Promise<number> {
  const children = await readdir('/proc');
  for (const pid of children.filter((name) => /^\d+$/.test(name))) {
    const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (commandLine.includes('edge-process.ts') && (await listensOn(pid, port))) return Number(pid);
  }
  throw new Error(`Nobody listens on ${port}.`);
}

async function listensOn(pid: string, port: number): Promise<boolean> {
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  const line = (await readFile(`/proc/${pid}/net/tcp`, 'utf8'))
    .split('\n')
    .find((each) => each.includes(`:${hex} 00000000:0000 0A`));
  const inode = line?.trim().split(/\s+/)[9];
  const files = await readdir(`/proc/${pid}/fd`);
  const links = await Promise.all(files.map((file) => readlink(`/proc/${pid}/fd/${file}`).catch(() => '')));
  return links.includes(`socket:[${inode}]`);
}

/** A signature: its value is not checked. */
const SIGNED = { authorization: 'AWS4-HMAC-SHA256' };

async function canConnect(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    // Refused: nothing listens.
    return false;
  } finally {
    socket.destroy();
  }
}
