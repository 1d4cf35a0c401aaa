import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { createCallbackStage, OK, PATIENT, SHORT, SOCKETS } from '../../../helpers/callback-stage.ts';
import { POST_TIMEOUT_MS } from '../../../../shared/post/post.ts';

const { open, openRaw, close } = createCallbackStage();
afterEach(close);

/** A few more than there are sockets, at once. */
const crowd = <T>(each: (index: number) => T): T[] => Array.from({ length: SOCKETS + 10 }, (_, i) => each(i));

describe('a post that is not answered', () => {
  it('is unanswered when nothing comes before its deadline', async () => {
    const { server, failures, post } = await open(() => undefined);

    expect(await post('C1=', '1', SHORT)).toBe('unanswered');
    expect(server.requests).toHaveLength(1);
    expect(failures).toEqual([{ connectionId: 'C1=', message: expect.stringContaining('did not answer in time') }]);
  });

  it('says that it is late, and ends at once when it is given up', async () => {
    const { post } = await open(() => undefined);

    const outcome = await post('C1=', '1', { ...PATIENT, onLate: (giveUp) => giveUp() });

    expect(outcome).toBe('unanswered');
  });

  it('is late once, and still brings what comes then', async () => {
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
    const onLate = (giveUp: () => void): void => giveUp();

    const hung = await Promise.all(Array.from({ length: SOCKETS }, () => post('C1=', 'hang', { ...PATIENT, onLate })));

    expect(new Set(hung)).toEqual(new Set(['unanswered']));
    expect(await post('C1=', 'go', PATIENT)).toBe('delivered');
  });

  it('is not counted by its recipient while it waits for a socket: it has failed when none is free in time', async () => {
    const { server, post, failures } = await open(() => undefined);
    const hung = Array.from({ length: SOCKETS }, () => post('C1=', 'hang', { timeoutMs: 2 * POST_TIMEOUT_MS }));

    expect(await post('C2=', 'queued', SHORT)).toBe('failed');
    expect(failures).toEqual([{ connectionId: 'C2=', message: expect.stringContaining('No socket was free') }]);
    await Promise.all(hung);
    expect(server.requests.filter(({ body }) => body === 'queued')).toEqual([]);
  });

  it('has its whole deadline from the moment it has a socket', async () => {
    const { post } = await open((response, { body }) => {
      if (body === 'next') response.end();
      else setTimeout(() => response.end(), SHORT.timeoutMs / 2);
    });
    const first = Array.from({ length: SOCKETS }, () => post('C1=', 'slow', PATIENT));

    expect(await post('C2=', 'next', { timeoutMs: SHORT.timeoutMs / 4 })).toBe('delivered');
    expect(new Set(await Promise.all(first))).toEqual(new Set(['delivered']));
  });

  it('counts as answered when its status came and the rest did not', async () => {
    const { post } = await openRaw((socket) => socket.write('HTTP/1.1 410 Gone\r\ncontent-length: 9\r\n\r\n'));

    expect(await post('C1=', '1', SHORT)).toBe('gone');
  });
});

describe('a connection that breaks', () => {
  it('before an answer: the post is sent once more, since clients drop repeats', async () => {
    const { requests, post, failures } = await openRaw((socket, number) =>
      number === 1 ? socket.resetAndDestroy() : socket.write(OK),
    );

    expect(await post('C1=', '1', PATIENT)).toBe('delivered');
    expect(requests).toHaveLength(2);
    expect(failures).toEqual([]);
  });

  it('each time: the post has failed, after two tries', async () => {
    const { requests, post, failures } = await openRaw((socket) => socket.destroy());

    expect(await post('C1=', '1', PATIENT)).toBe('failed');
    expect(requests).toHaveLength(2);
    expect(failures).toHaveLength(1);
  });

  it('in the middle of the status: nothing was answered yet', async () => {
    const { requests, post } = await openRaw((socket, number) =>
      number === 1 ? socket.end('HTTP/1.1 20') : socket.write(OK),
    );

    expect(await post('C1=', '1', PATIENT)).toBe('delivered');
    expect(requests).toHaveLength(2);
  });

  it.each([
    [200, 'delivered'],
    [410, 'gone'],
  ])('behind the status %i: that counts, and nothing is repeated', async (status, outcome) => {
    const { requests, post } = await openRaw((socket) =>
      socket.end(`HTTP/1.1 ${status} X\r\ncontent-length: 5\r\n\r\nab`),
    );

    expect(await post('C1=', '1', PATIENT)).toBe(outcome);
    expect(requests).toHaveLength(1);
  });

  it('between two posts, as servers close what is idle: the next one opens another', async () => {
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

  it('as it says with its answer: nothing more goes out on it', async () => {
    const { requests, post } = await openRaw((socket) =>
      socket.end('HTTP/1.1 200 OK\r\nConnection: close\r\ncontent-length: 0\r\n\r\n'),
    );

    for (let number = 1; number <= 3; number++) expect(await post('C1=', String(number), PATIENT)).toBe('delivered');

    expect(requests).toHaveLength(3);
  });

  it('when a post arrives on a socket that is just being closed: it is sent once more', async () => {
    let isClosing = false;
    const { requests, post, failures } = await openRaw((socket) => {
      if (!isClosing) return socket.write(OK);
      isClosing = false;
      return socket.resetAndDestroy();
    });
    // All sockets have been used, so the next post goes out on one of them.
    await Promise.all(crowd(() => post('C1=', '1', PATIENT)));
    const before = requests.length;
    isClosing = true;

    expect(await post('C1=', '2', PATIENT)).toBe('delivered');
    expect(requests).toHaveLength(before + 2);
    expect(failures).toEqual([]);
  });
});
