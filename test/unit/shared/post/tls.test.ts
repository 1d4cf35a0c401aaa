import { createServer as createHttps } from 'node:https';
import { createServer } from 'node:net';
import { createServer as createTls, type TLSSocket } from 'node:tls';
import { createCallbackStage, PATIENT, writeByByte } from '../../../helpers/callback-stage.ts';
import { LOCALHOST } from '../../../helpers/localhost-certificate.ts';
import { CONNECT_TIMEOUT_MS } from '../../../../shared/post/post.ts';

const { openTls, trustLocalhost, close } = createCallbackStage();
afterEach(close);

/** The contract of all posters is in contract*.test.ts. */
describe('posts of the fast poster over TLS', () => {
  it('need no whole handshake for later connections', async () => {
    trustLocalhost();
    const sessions: boolean[] = [];
    const server = createHttps(LOCALHOST, (request, response) => {
      request.resume().on('end', () => response.end());
    }).on('secureConnection', (socket: TLSSocket) => sessions.push(socket.isSessionReused()));
    const { post } = await openTls(server);
    const outcomes = [await post('C1=', '1', PATIENT), await post('C1=', '2', PATIENT)];
    server.closeAllConnections();
    await new Promise(setImmediate);
    outcomes.push(await post('C1=', '3', PATIENT));

    expect(outcomes).toEqual(['delivered', 'delivered', 'delivered']);
    expect(sessions).toEqual([false, true]);
  });

  it('bring an answer in as many pieces as it comes in', async () => {
    trustLocalhost();
    const answer = 'HTTP/1.1 410 Gone\r\ncontent-length: 4\r\n\r\nwhy?';
    const { post } = await openTls(
      createTls(LOCALHOST, (socket) => {
        socket.on('error', () => undefined).once('data', () => void writeByByte(socket, answer));
      }),
    );

    expect(await post('C1=', '1', PATIENT)).toBe('gone');
  });

  it('wait for a handshake no longer than their bound', async () => {
    // It accepts a TCP connection and says nothing.
    const { post, failures } = await openTls(createServer((socket) => socket.unref()));

    expect(await post('C1=', '1', PATIENT)).toBe('failed');
    expect(failures[0]?.message).toContain(`no connection within ${CONNECT_TIMEOUT_MS} ms`);
  });
});
