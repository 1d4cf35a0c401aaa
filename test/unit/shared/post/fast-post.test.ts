import { CREDENTIALS, createCallbackStage, OK, PATIENT } from '../../../helpers/callback-stage.ts';
import { CREDENTIALS_MS } from '../../../../shared/http/kept-credentials.ts';
import { ANSWER_BYTES, CLOCK_SKEW_MS } from '../../../../shared/post/fast-post.ts';

const NOW_MS = Date.UTC(2026, 10, 21, 5, 0, 0);

const { open, openRaw, close } = createCallbackStage();
afterEach(close);

/** The contract of all posters is in contract*.test.ts. */
describe('a post of the fast poster', () => {
  it('reports the answer of a failed post', async () => {
    const { failures, post } = await open((response) => response.writeHead(400).end('{"message":"why"}'));

    await post('C1=', '1', PATIENT);

    const message = 'Error: The callback endpoint answered 400: {"message":"why"}';
    expect(failures).toEqual([{ connectionId: 'C1=', message }]);
  });

  it('takes what comes behind a 103 for the answer', async () => {
    const { post } = await openRaw((socket) => socket.write(`HTTP/1.1 103 Early Hints\r\n\r\n${OK}`));

    expect(await post('C1=', '1', PATIENT)).toBe('delivered');
  });

  it('reads an answer that is far too long up to a bound, and lets its status count', async () => {
    const long = 'x'.repeat(ANSWER_BYTES);
    const { server, failures, post } = await open((response) => {
      // It would never end.
      response.writeHead(500).write(long.repeat(2));
    });

    expect(await post('C1=', '1', PATIENT)).toBe('failed');
    expect(server.requests).toHaveLength(1);
    expect(failures[0]?.message.length).toBeLessThan(ANSWER_BYTES + 100);
  });

  it.each(['line\r\nend', 'no byte: …'])(
    'has failed when no header can hold the credentials: %j',
    async (sessionToken) => {
      const { server, failures, post } = await open((response) => response.end(), {
        credentials: () => ({ ...CREDENTIALS, sessionToken }),
      });

      expect(await post('C1=', '1', PATIENT)).toBe('failed');
      expect(failures[0]?.message).toContain('no HTTP header may have');
      expect(server.requests).toEqual([]);
    },
  );
});

describe('who posts, and when', () => {
  it('asks for the credentials again after a while, since they expire', async () => {
    let nowMs = NOW_MS;
    let issued = 0;
    const credentials = async () => ({ ...CREDENTIALS, accessKeyId: `AK${++issued}` });
    const { server, post } = await open((response) => response.end(), { credentials, now: () => nowMs });

    for (const passedMs of [0, CREDENTIALS_MS - 1, 1]) {
      nowMs += passedMs;
      await post('C1=', '1', PATIENT);
    }

    const keys = server.requests.map(({ headers }) => /Credential=(\w+)/.exec(headers.authorization ?? '')?.[1]);
    expect(keys).toEqual(['AK1', 'AK1', 'AK2']);
  });

  it('puts a clock right that is wrong by minutes when a 403 says so, and sends the post once more', async () => {
    const serverMs = NOW_MS + CLOCK_SKEW_MS;
    const dates: unknown[] = [];
    const { post } = await open(
      (response, { headers }) => {
        dates.push(headers['x-amz-date']);
        const isRight = headers['x-amz-date'] === '20261121T050500Z';
        response.writeHead(isRight ? 200 : 403, { date: new Date(serverMs).toUTCString() }).end();
      },
      { now: () => NOW_MS },
    );

    const outcomes = [await post('C1=', '1', PATIENT), await post('C1=', '2', PATIENT)];

    expect(outcomes).toEqual(['delivered', 'delivered']);
    expect(dates).toEqual(['20261121T050000Z', '20261121T050500Z', '20261121T050500Z']);
  });

  it('leaves the clock alone when it differs by less, or when the answer is no 403', async () => {
    const answers = [
      { status: 403, ms: NOW_MS + CLOCK_SKEW_MS - 1_000 },
      { status: 500, ms: NOW_MS + 10 * CLOCK_SKEW_MS },
    ];
    const { server, post } = await open(
      (response) => {
        const { status = 200, ms = 0 } = answers[server.requests.length - 1] ?? {};
        response.writeHead(status, { date: new Date(ms).toUTCString() }).end();
      },
      { now: () => NOW_MS },
    );

    const outcomes = [
      await post('C1=', '1', PATIENT),
      await post('C1=', '2', PATIENT),
      await post('C1=', '3', PATIENT),
    ];

    expect(outcomes).toEqual(['failed', 'failed', 'delivered']);
    expect(new Set(server.requests.map(({ headers }) => headers['x-amz-date']))).toEqual(new Set(['20261121T050000Z']));
  });
});
