import { once } from 'node:events';
import { createServer as createHttps, type ServerOptions } from 'node:https';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import {
  createSecureContext,
  createServer as createTls,
  getCACertificates,
  setDefaultCACertificates,
  type TLSSocket,
} from 'node:tls';
import { createCallbackStage, PATIENT, writeByByte } from '../../../helpers/callback-stage.ts';
import { LOCALHOST } from '../../../helpers/localhost-certificate.ts';
import { CONNECT_TIMEOUT_MS } from '../../../../shared/post/post.ts';

const { openPost } = createCallbackStage();

describe('posts over TLS', () => {
  const servers: Server[] = [];
  const sockets = new Set<Socket>();
  const trusted = getCACertificates('default');
  const trustLocalhost = (): void => setDefaultCACertificates([...trusted, LOCALHOST.cert]);
  afterEach(() => {
    setDefaultCACertificates(trusted);
    for (const socket of sockets) socket.destroy();
    sockets.clear();
    for (const server of servers.splice(0)) server.close();
  });

  async function listen(server: Server): Promise<string> {
    server.on('connection', (socket: Socket) => sockets.add(socket));
    servers.push(server.listen(0, '127.0.0.1'));
    await once(server, 'listening');
    return `https://localhost:${(server.address() as AddressInfo).port}`;
  }

  /** Its certificate is there for who asks for its name, as with an endpoint of many names. */
  const byName: ServerOptions = {
    SNICallback: (name, give) => give(null, name === 'localhost' ? createSecureContext(LOCALHOST) : undefined),
  };

  async function openTls(options: ServerOptions = LOCALHOST) {
    const sessions: boolean[] = [];
    const server = createHttps(options, (request, response) => {
      request.resume().on('end', () => response.end());
    }).on('secureConnection', (socket: TLSSocket) => sessions.push(socket.isSessionReused()));
    return { sessions, server, ...openPost(await listen(server)) };
  }

  it('say whom they want to talk to', async () => {
    const { sessions, post } = await openTls(byName);
    trustLocalhost();

    expect(await post('C1=', '1', PATIENT)).toBe('delivered');
    expect(sessions).toEqual([false]);
  });

  it('go out where the certificate is trusted, and later connections need no whole handshake', async () => {
    trustLocalhost();
    const { sessions, server, post } = await openTls();
    const outcomes = [await post('C1=', '1', PATIENT), await post('C1=', '2', PATIENT)];
    server.closeAllConnections();
    await new Promise(setImmediate);
    outcomes.push(await post('C1=', '3', PATIENT));

    expect(outcomes).toEqual(['delivered', 'delivered', 'delivered']);
    expect(sessions).toEqual([false, true]);
  });

  it('go nowhere where it is not', async () => {
    const { post, failures } = await openTls();

    expect(await post('C1=', '1', PATIENT)).toBe('failed');
    expect(failures[0]?.message).toMatch(/certificate/i);
  });

  it('bring an answer in as many pieces as it comes in', async () => {
    trustLocalhost();
    const answer = 'HTTP/1.1 410 Gone\r\ncontent-length: 4\r\n\r\nwhy?';
    const server = createTls(LOCALHOST, (socket) => {
      socket.on('error', () => undefined).once('data', () => void writeByByte(socket, answer));
    });
    const { post } = openPost(await listen(server));

    expect(await post('C1=', '1', PATIENT)).toBe('gone');
  });

  it('wait for a handshake no longer than their bound', async () => {
    // It accepts a TCP connection and says nothing.
    const { post, failures } = openPost(
      await listen(createServer((socket) => socket.on('error', () => undefined).unref())),
    );

    expect(await post('C1=', '1', PATIENT)).toBe('failed');
    expect(failures[0]?.message).toContain(`no connection within ${CONNECT_TIMEOUT_MS} ms`);
  });
});
