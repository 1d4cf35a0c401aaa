import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { createServer as createHttps, type ServerOptions } from 'node:https';
import { createSecureContext } from 'node:tls';
import { types } from 'node:util';
import { createCallbackStage, OK, PATIENT, POSTERS, SHORT } from '../../../helpers/callback-stage.ts';
import { LOCALHOST } from '../../../helpers/localhost-certificate.ts';

const answerOk: RequestListener = (request, response) => request.resume().on('end', () => response.end());

/**
 * Makes Node's own errors instances of this realm's `Error`, as they are outside of jest: the official client wraps any
 * other error, whose facts are lost.
 */
Object.defineProperty(Error, Symbol.hasInstance, {
  value(this: unknown, error: unknown): boolean {
    return this === Error ? types.isNativeError(error) : Function.prototype[Symbol.hasInstance].call(this, error);
  },
});

describe.each(POSTERS)('%s', (_name, createPost) => {
  const { open, openRaw, openTls, trustLocalhost, close } = createCallbackStage(createPost);
  afterEach(close);

  describe('a connection', () => {
    it('that is refused: the post has failed', async () => {
      const { failures, post } = await open((response) => response.end());
      await close();

      expect(await post('C1=', '1', PATIENT)).toBe('failed');
      expect(failures).toEqual([{ connectionId: 'C1=', message: expect.stringContaining('ECONNREFUSED') }]);
    });

    it('that is reset before an answer: the post is sent once more, since clients drop repeats', async () => {
      const { requests, post, failures } = await openRaw((socket, number) =>
        number === 1 ? socket.resetAndDestroy() : socket.write(OK),
      );

      expect(await post('C1=', '1', PATIENT)).toBe('delivered');
      expect(requests).toHaveLength(2);
      expect(failures).toEqual([]);
    });

    it('that has carried posts and is reset when the next one arrives: it is sent once more', async () => {
      const { requests, post, failures } = await openRaw((socket, number) =>
        number === 2 ? socket.resetAndDestroy() : socket.write(OK),
      );

      expect([await post('C1=', '1', PATIENT), await post('C1=', '2', PATIENT)]).toEqual(['delivered', 'delivered']);
      expect(requests).toHaveLength(3);
      expect(failures).toEqual([]);
    });

    it('that breaks each time: the post has failed, after two tries', async () => {
      const { requests, post, failures } = await openRaw((socket) => socket.destroy());

      expect(await post('C1=', '1', PATIENT)).toBe('failed');
      expect(requests).toHaveLength(2);
      expect(failures).toHaveLength(1);
    });

    it('that breaks in the middle of the status: the post is sent once more', async () => {
      const { requests, post } = await openRaw((socket, number) =>
        number === 1 ? socket.end('HTTP/1.1 20') : socket.write(OK),
      );

      expect(await post('C1=', '1', PATIENT)).toBe('delivered');
      expect(requests).toHaveLength(2);
    });

    it('that is closed between two posts, as servers close what is idle: the next post opens another', async () => {
      const closed: Promise<unknown>[] = [];
      const { requests, post } = await openRaw((socket) => {
        closed.push(once(socket, 'close'));
        socket.end(OK);
      });

      for (let number = 1; number <= 3; number++) {
        expect(await post('C1=', String(number), PATIENT)).toBe('delivered');
        await Promise.all(closed);
      }

      expect(requests).toHaveLength(3);
    });

    it('that is closed as its answer announces: nothing more goes out on it', async () => {
      const { requests, post } = await openRaw((socket) =>
        socket.end('HTTP/1.1 200 OK\r\nConnection: close\r\ncontent-length: 0\r\n\r\n'),
      );

      for (let number = 1; number <= 3; number++) expect(await post('C1=', String(number), PATIENT)).toBe('delivered');

      expect(requests).toHaveLength(3);
    });
  });

  describe('a status whose answer never becomes whole', () => {
    it.each([
      [200, 'delivered'],
      [410, 'gone'],
    ])('counts at the deadline: %i', async (status, outcome) => {
      const { requests, post } = await openRaw((socket) =>
        socket.write(`HTTP/1.1 ${status} X\r\ncontent-length: 9\r\n\r\nab`),
      );

      expect(await post('C1=', '1', SHORT)).toBe(outcome);
      expect(requests).toHaveLength(1);
    });

    it.each([
      [200, 'delivered'],
      [410, 'gone'],
    ])('counts when the connection breaks behind it, and nothing is repeated: %i', async (status, outcome) => {
      const { requests, post } = await openRaw((socket) =>
        socket.end(`HTTP/1.1 ${status} X\r\ncontent-length: 5\r\n\r\nab`),
      );

      expect(await post('C1=', '1', PATIENT)).toBe(outcome);
      expect(requests).toHaveLength(1);
    });
  });

  describe('TLS', () => {
    /** A certificate only for clients that name the host, as with an endpoint of many names. */
    const byName: ServerOptions = {
      SNICallback: (name, give) => give(null, name === 'localhost' ? createSecureContext(LOCALHOST) : undefined),
    };

    it('names the host, and delivers where its certificate is trusted', async () => {
      trustLocalhost();
      const { post } = await openTls(createHttps(byName, answerOk));

      expect([await post('C1=', '1', PATIENT), await post('C1=', '2', PATIENT)]).toEqual(['delivered', 'delivered']);
    });

    it('delivers nothing where the certificate is not trusted', async () => {
      const requests: unknown[] = [];
      const server = createHttps(LOCALHOST, answerOk).on('request', (request) => requests.push(request));
      const { post, failures } = await openTls(server);

      expect(await post('C1=', '1', PATIENT)).toBe('failed');
      expect(failures[0]?.message).toMatch(/certificate/i);
      expect(requests).toEqual([]);
    });
  });
});
