import { once } from 'node:events';
import { createServer as createHttps } from 'node:https';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { getCACertificates, setDefaultCACertificates, type TLSSocket } from 'node:tls';
import { FANOUT_BOUNDS } from '../../../../shared/fanout/bounds.ts';
import { createCallbackStage, OK, PATIENT, SOCKETS } from '../../../helpers/callback-stage.ts';
import { LOCALHOST } from '../../../helpers/localhost-certificate.ts';

const { open, openPost, openRaw, close } = createCallbackStage();
const servers: Server[] = [];
afterEach(async () => {
  import.meta.jest.useRealTimers();
  await close();
  for (const server of servers.splice(0)) server.close();
});

/** Clocks and timers that stand still until they are moved; sockets go on. */
const holdTime = (): unknown =>
  import.meta.jest.useFakeTimers({
    doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask', 'hrtime', 'performance'],
  });

async function listen(server: Server): Promise<number> {
  servers.push(server.listen(0, '127.0.0.1'));
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

async function openCounted() {
  const sockets = new Set<Socket>();
  const opened = await openRaw((socket) => {
    sockets.add(socket);
    socket.write(OK);
  });
  return { ...opened, sockets };
}

describe('the sockets of posts', () => {
  it('are opened as they are needed: one post after another has one', async () => {
    const { post, sockets } = await openCounted();

    for (let number = 1; number <= 5; number++) expect(await post('C1=', '1', PATIENT)).toBe('delivered');

    expect(sockets.size).toBe(1);
  });

  it('are closed when nobody has used them for long, those in use are not', async () => {
    holdTime();
    const { post, sockets } = await openCounted();
    await Promise.all([post('C1=', '1', PATIENT), post('C1=', '1', PATIENT)]);
    const closed = [...sockets].map((socket) => once(socket, 'close'));
    import.meta.jest.advanceTimersByTime(FANOUT_BOUNDS.SOCKET_IDLE_MS / 2);
    await post('C1=', '1', PATIENT);
    import.meta.jest.advanceTimersByTime(FANOUT_BOUNDS.SOCKET_IDLE_MS / 2);

    await Promise.race(closed);
    expect(await post('C1=', '1', PATIENT)).toBe('delivered');

    expect(sockets.size).toBe(2);
    expect([...sockets].filter(({ destroyed }) => destroyed)).toHaveLength(1);
    import.meta.jest.advanceTimersByTime(FANOUT_BOUNDS.SOCKET_IDLE_MS);
    await Promise.all(closed);
  });

  it('are not used when time has passed that no timer saw, as in a Lambda that was frozen', async () => {
    holdTime();
    const { post, sockets } = await openCounted();
    await post('C1=', '1', PATIENT);
    import.meta.jest.setSystemTime(Date.now() + FANOUT_BOUNDS.SOCKET_IDLE_MS);

    expect(await post('C1=', '1', PATIENT)).toBe('delivered');
    expect(sockets.size).toBe(2);
  });

  it('that cannot be opened fail the posts that wait for them, more than there may be sockets, each by its cause', async () => {
    const { server } = await open((response) => response.end());
    await close();
    const { post, failures } = openPost(server.url);

    const outcomes = await Promise.all(Array.from({ length: SOCKETS + 10 }, () => post('C1=', '1', PATIENT)));

    expect(new Set(outcomes)).toEqual(new Set(['failed']));
    expect(failures.filter(({ message }) => message.includes('ECONNREFUSED'))).toHaveLength(SOCKETS + 10);
  });

  it('are opened anew for those who wait when some of them go', async () => {
    const { requests, post } = await openRaw((socket) =>
      socket.end('HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n'),
    );

    const outcomes = await Promise.all(Array.from({ length: 3 * SOCKETS }, () => post('C1=', '1', PATIENT)));

    expect(new Set(outcomes)).toEqual(new Set(['delivered']));
    expect(requests).toHaveLength(3 * SOCKETS);
  });

  it('take nothing that nobody asked for as the answer to the next post', async () => {
    const { requests, post } = await openRaw((socket, number) =>
      socket.write(number === 1 ? `${OK}HTTP/1.1 410 Gone\r\ncontent-length: 0\r\n\r\n` : OK),
    );

    expect([await post('C1=', '1', PATIENT), await post('C2=', '2', PATIENT)]).toEqual(['delivered', 'delivered']);
    expect(requests).toHaveLength(2);
  });

  it('bring an answer in as many pieces as it comes in', async () => {
    const answer = 'HTTP/1.1 410 Gone\r\ntransfer-encoding: chunked\r\n\r\n4\r\nwhy?\r\n0\r\n\r\n';
    const { post } = await openRaw(async (socket) => {
      for (const byte of answer) {
        socket.write(byte);
        await new Promise(setImmediate);
      }
    });

    expect(await post('C1=', '1', PATIENT)).toBe('gone');
  });

  it('bring nothing when what answers speaks another protocol', async () => {
    const { post, failures } = await openRaw((socket) => socket.write('220 mail ready\r\n\r\n'));

    expect(await post('C1=', '1', PATIENT)).toBe('failed');
    expect(failures[0]?.message).toContain('not HTTP/1.1');
  });

  it('that are taken by nobody are not waited for longer than their bound', async () => {
    // It accepts a TCP connection and says nothing, so that a TLS one never comes about.
    const port = await listen(createServer((socket) => socket.on('error', () => undefined).unref()));
    const { post, failures } = openPost(`https://localhost:${port}`);

    expect(await post('C1=', '1', PATIENT)).toBe('failed');
    expect(failures[0]?.message).toContain(`no connection within ${FANOUT_BOUNDS.CONNECT_TIMEOUT_MS} ms`);
  });
});

describe('posts over TLS', () => {
  async function openTls() {
    const sessions: boolean[] = [];
    const server = createHttps(LOCALHOST, (request, response) => {
      request.resume().on('end', () => response.end());
    }).on('secureConnection', (socket: TLSSocket) => sessions.push(socket.isSessionReused()));
    return { sessions, server, ...openPost(`https://localhost:${await listen(server)}`) };
  }

  it('go out where the certificate is trusted, and later connections need no whole handshake', async () => {
    const before = getCACertificates('default');
    setDefaultCACertificates([...before, LOCALHOST.cert]);
    try {
      const { sessions, server, post } = await openTls();
      const outcomes = [await post('C1=', '1', PATIENT), await post('C1=', '2', PATIENT)];
      server.closeAllConnections();
      await new Promise(setImmediate);
      outcomes.push(await post('C1=', '3', PATIENT));

      expect(outcomes).toEqual(['delivered', 'delivered', 'delivered']);
      expect(sessions).toEqual([false, true]);
    } finally {
      setDefaultCACertificates(before);
    }
  });

  it('go nowhere where it is not', async () => {
    const { post, failures } = await openTls();

    expect(await post('C1=', '1', PATIENT)).toBe('failed');
    expect(failures[0]?.message).toMatch(/certificate/i);
  });
});
