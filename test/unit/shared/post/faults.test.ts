import { createCallbackStage, crowd, OK, PATIENT, SHORT, SOCKETS } from '../../../helpers/callback-stage.ts';
import { POST_TIMEOUT_MS } from '../../../../shared/post/post.ts';

const { open, openRaw, close } = createCallbackStage();
afterEach(close);

/** The contract of all posters is in contract*.test.ts. */
describe('a post of the fast poster that is not answered', () => {
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
});

describe('a connection that breaks', () => {
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
