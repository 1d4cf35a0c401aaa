import type { ServerResponse } from 'node:http';
import { createCallbackStage, crowd, OK, PATIENT, POSTERS, SHORT, SOCKETS } from '../../../helpers/callback-stage.ts';

const HOUR_MS = 3_600_000;

/** The difference from which API Gateway takes a signature for expired. */
const ACCEPTED_MS = 300_000;

const timeOf = (amzDate: unknown): number =>
  Date.parse(String(amzDate).replace(/^(....)(..)(..)T(..)(..)(..)Z$/, '$1-$2-$3T$4:$5:$6Z'));

describe.each(POSTERS)('%s', (_name, createPost) => {
  const { open, openPost, openRaw, close } = createCallbackStage(createPost);
  afterEach(close);

  describe('a post to @connections', () => {
    it.each([
      ['gTg3TG-5D_YK+/A==', 'gTg3TG-5D_YK%2B%2FA%3D%3D'],
      ['JNqaFd1mIAMCKxA=', 'JNqaFd1mIAMCKxA%3D'],
      ["a%2Fb!*'()", 'a%252Fb%21%2A%27%28%29'],
    ])('sends the frame unchanged and signed to the connection %s, whose id is encoded', async (id, encoded) => {
      const { server, failures, post } = await open((response) => response.end());

      expect(await post(id, '{"é":"🌊"}', PATIENT)).toBe('delivered');
      expect(failures).toEqual([]);
      expect(server.requests).toMatchObject([
        { method: 'POST', path: `/live/@connections/${encoded}`, body: '{"é":"🌊"}' },
      ]);
      expect(server.requests[0]?.headers).toMatchObject({
        'content-type': 'application/octet-stream',
        'x-amz-security-token': 'token',
        authorization: expect.stringMatching(/Credential=AKTEST\/\d{8}\/eu-central-1\/execute-api\//),
      });
    });

    it.each([
      [200, 'delivered'],
      [204, 'delivered'],
      [410, 'gone'],
      [429, 'throttled'],
      [413, 'refused'],
      [400, 'refused'],
      [403, 'failed'],
      [404, 'failed'],
      [500, 'failed'],
      [503, 'failed'],
      [302, 'failed'],
    ])('takes %i for %s, after one try', async (status, outcome) => {
      const { server, failures, post } = await open((response) =>
        response.writeHead(status).end(status === 204 ? undefined : '{"message":"why"}'),
      );

      expect(await post('C1=', '1', PATIENT)).toBe(outcome);
      expect(server.requests).toHaveLength(1);
      expect(failures).toHaveLength(['failed', 'refused'].includes(outcome) ? 1 : 0);
    });

    it('goes by the status of a proxy that answers in HTML', async () => {
      const { server, post } = await open((response) => response.writeHead(429).end('<html>slow down</html>'));

      expect(await post('C1=', '1', PATIENT)).toBe('throttled');
      expect(server.requests).toHaveLength(1);
    });

    it('has failed when there are no credentials, or when no URL can hold the id, and does not reject', async () => {
      const { server, failures, post } = await open((response) => response.end(), {
        credentials: () => Promise.reject(new Error('expired')),
      });
      const { post: other, failures: otherFailures } = openPost(server.url);

      expect(await post('C1=', '1', PATIENT)).toBe('failed');
      expect(await other('\uD800', '1', PATIENT)).toBe('failed');
      expect(failures).toEqual([{ connectionId: 'C1=', message: expect.stringContaining('expired') }]);
      expect(otherFailures).toEqual([{ connectionId: '\uD800', message: expect.stringContaining('URI') }]);
      expect(server.requests).toEqual([]);
    });

    it('signs with renewed credentials', async () => {
      let issued = 0;
      let nowMs = Date.now();
      const { server, post } = await open((response) => response.end(), {
        credentials: async () => ({ accessKeyId: `AK${++issued}`, secretAccessKey: 'secret' }),
        now: () => nowMs,
      });

      await post('C1=', '1', PATIENT);
      nowMs += HOUR_MS;
      await post('C1=', '2', PATIENT);

      const keys = server.requests.map(({ headers }) => /Credential=(\w+)/.exec(headers.authorization ?? '')?.[1]);
      expect(keys).toEqual([expect.stringMatching(/^AK/), expect.stringMatching(/^AK/)]);
      expect(keys[0]).not.toBe(keys[1]);
      expect(server.requests[0]?.headers).not.toHaveProperty('x-amz-security-token');
    });

    it('opens as many sockets as the bound allows, and uses them again', async () => {
      const { requests, sockets, post } = await openRaw((socket) => socket.write(OK));

      for (let round = 0; round < 3; round += 1) await Promise.all(crowd((i) => post('C1=', String(i), PATIENT)));

      expect(requests).toHaveLength(3 * (SOCKETS + 10));
      expect(sockets.size).toBe(SOCKETS);
    });
  });

  describe('a clock that is wrong by an hour', () => {
    it.each([HOUR_MS, -HOUR_MS])('is corrected by a 403, whose post is sent once more: %i ms', async (skewMs) => {
      const { server, failures, post } = await open((response, { headers }) => {
        const nowMs = Date.now() + skewMs;
        const isAccepted = Math.abs(timeOf(headers['x-amz-date']) - nowMs) < ACCEPTED_MS;
        response.writeHead(isAccepted ? 200 : 403, { date: new Date(nowMs).toUTCString() }).end();
      });

      const outcomes = [await post('C1=', '1', PATIENT), await post('C1=', '2', PATIENT)];

      expect(outcomes).toEqual(['delivered', 'delivered']);
      expect(server.requests.map(({ body }) => body)).toEqual(['1', '1', '2']);
      expect(failures).toEqual([]);
    });

    it('is no reason for a third try when the second is forbidden, too', async () => {
      const date = new Date(Date.now() + HOUR_MS).toUTCString();
      const { server, failures, post } = await open((response) => response.writeHead(403, { date }).end());

      expect(await post('C1=', '1', PATIENT)).toBe('failed');
      expect(server.requests).toHaveLength(2);
      expect(failures).toHaveLength(1);
    });

    it('is no reason for a second try when the answer is not 403', async () => {
      const date = new Date(Date.now() + HOUR_MS).toUTCString();
      const { server, post } = await open((response) => response.writeHead(500, { date }).end());

      expect(await post('C1=', '1', PATIENT)).toBe('failed');
      expect(server.requests).toHaveLength(1);
    });
  });

  describe('a post that is not answered', () => {
    it('is unanswered at its deadline', async () => {
      const { server, failures, post } = await open(() => undefined);

      expect(await post('C1=', '1', SHORT)).toBe('unanswered');
      expect(server.requests).toHaveLength(1);
      expect(failures).toEqual([{ connectionId: 'C1=', message: expect.any(String) }]);
    });

    it('reports that it is late, and ends at once when it is abandoned', async () => {
      const { post } = await open(() => undefined);

      const outcome = await post('C1=', '1', { ...PATIENT, onLate: (abandon) => abandon() });

      expect(outcome).toBe('unanswered');
    });

    it('is late after the time that its caller names, and never when its deadline is earlier', async () => {
      const { post } = await open(() => undefined);
      const late: string[] = [];
      const onLate = (abandon: () => void): void => {
        late.push('late');
        abandon();
      };

      expect(await post('C1=', '1', { timeoutMs: 20_000, lateMs: 1, onLate })).toBe('unanswered');
      expect(await post('C1=', '1', { ...SHORT, lateMs: SHORT.timeoutMs, onLate })).toBe('unanswered');
      expect(late).toEqual(['late']);
    });

    it('is late once, and still delivers what is answered then', async () => {
      const hanging: ServerResponse[] = [];
      const { post } = await open((response) => hanging.push(response));
      const late: string[] = [];

      const onLate = (): void => {
        late.push('late');
        hanging[0]?.end();
      };

      expect(await post('C1=', '1', { ...PATIENT, onLate })).toBe('delivered');
      expect(late).toEqual(['late']);
    });

    it('frees its socket: as many as there are sockets may hang, and the next still goes out', async () => {
      const { post } = await open((response, { body }) => (body === 'hang' ? undefined : response.end()));
      const onLate = (abandon: () => void): void => abandon();

      const hung = await Promise.all(
        Array.from({ length: SOCKETS }, () => post('C1=', 'hang', { ...PATIENT, onLate })),
      );

      expect(new Set(hung)).toEqual(new Set(['unanswered']));
      expect(await post('C1=', 'go', PATIENT)).toBe('delivered');
    });
  });
});
