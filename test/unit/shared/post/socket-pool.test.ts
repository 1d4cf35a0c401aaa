import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { Socket } from 'node:net';
import { promisify } from 'node:util';
import { HttpSocket } from '../../../../shared/http/http-socket.ts';
import {
  CREDENTIALS,
  createCallbackStage,
  OK,
  PATIENT,
  SHORT,
  SOCKETS,
  writeByByte,
} from '../../../helpers/callback-stage.ts';
import { SOCKET_IDLE_MS } from '../../../../shared/http/idle-sockets.ts';
import { CONNECT_TIMEOUT_MS, POST_CONCURRENCY } from '../../../../shared/post/post.ts';

const { open, openPost, openRaw, close } = createCallbackStage();
afterEach(async () => {
  import.meta.jest.useRealTimers();
  await close();
});

const setRealTimeout = globalThis.setTimeout;

/** Stops clocks and timers until they are moved; sockets go on. No deadline passes then on a busy machine. */
const holdTime = (): unknown =>
  import.meta.jest.useFakeTimers({
    doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask', 'hrtime', 'performance'],
  });

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
    import.meta.jest.advanceTimersByTime(SOCKET_IDLE_MS / 2);
    await post('C1=', '1', PATIENT);
    import.meta.jest.advanceTimersByTime(SOCKET_IDLE_MS / 2);

    await Promise.race(closed);
    expect(await post('C1=', '1', PATIENT)).toBe('delivered');

    expect(sockets.size).toBe(2);
    expect([...sockets].filter(({ destroyed }) => destroyed)).toHaveLength(1);
    import.meta.jest.advanceTimersByTime(SOCKET_IDLE_MS);
    await Promise.all(closed);
  });

  it('are not used when time has passed that no timer saw, as in a Lambda that was frozen', async () => {
    holdTime();
    const { post, sockets } = await openCounted();
    await post('C1=', '1', PATIENT);
    import.meta.jest.setSystemTime(Date.now() + SOCKET_IDLE_MS);

    expect(await post('C1=', '1', PATIENT)).toBe('delivered');
    expect(sockets.size).toBe(2);
  });

  it('that cannot be opened fail the posts that wait for them, more than there may be sockets, each by its cause', async () => {
    holdTime();
    const { server } = await open((response) => response.end());
    await close();
    const { post, failures } = openPost(server.url);

    const outcomes = await Promise.all(Array.from({ length: SOCKETS + 10 }, () => post('C1=', '1', PATIENT)));

    expect(new Set(outcomes)).toEqual(new Set(['failed']));
    expect(failures.filter(({ message }) => message.includes('ECONNREFUSED'))).toHaveLength(SOCKETS + 10);
  });

  it('are opened anew for those who wait when some of them go', async () => {
    holdTime();
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

  it('are given up when something comes that nobody asked for', async () => {
    // So that nothing else closes them.
    holdTime();
    const { post, sockets } = await openCounted();
    await post('C1=', '1', PATIENT);
    for (const socket of sockets) {
      const closed = once(socket, 'close');
      socket.write('HTTP/1.1 410 Gone\r\ncontent-length: 0\r\n\r\n');
      await closed;
    }

    expect(await post('C1=', '2', PATIENT)).toBe('delivered');
    expect(sockets.size).toBe(2);
  });

  it('carry nothing more from their first error on, though they are closed only later', () => {
    const over: HttpSocket[] = [];
    const nothing = (): void => undefined;
    const socket = new Socket();
    const own = new HttpSocket(socket, {
      answerBytes: 1,
      onAnswered: nothing,
      onFree: nothing,
      onOver: (each) => over.push(each),
    });

    socket.emit('error', new Error('reset'));

    expect(over).toEqual([own]);
  });

  it('hold no process: it may end when all its posts are answered', async () => {
    const { server } = await open((response) => response.end());
    const url = server.url.replace('127.0.0.1', 'localhost');
    const { stdout } = await promisify(execFile)(process.execPath, [
      '--input-type=module',
      '--eval',
      `import { createFastPost } from ${JSON.stringify(new URL('../../../../shared/post/fast-post.ts', import.meta.url).href)};
      const post = createFastPost({ callbackUrl: '${url}/live', region: 'local', now: Date.now, onFailure: console.log,
        credentials: () => (${JSON.stringify(CREDENTIALS)}) });
      console.log(await post('C1=', '1', { timeoutMs: 30_000 }), process.getActiveResourcesInfo().includes('TCPSocketWrap'));`,
    ]);

    expect(stdout).toBe('delivered false\n');
  });

  it('bring an answer in as many pieces as it comes in', async () => {
    const answer = 'HTTP/1.1 410 Gone\r\ntransfer-encoding: chunked\r\n\r\n4\r\nwhy?\r\n0\r\n\r\n';
    const { post } = await openRaw((socket) => writeByByte(socket, answer));

    expect(await post('C1=', '1', PATIENT)).toBe('gone');
  });

  it('bring nothing when what answers speaks another protocol', async () => {
    const { post, failures } = await openRaw((socket) => socket.write('220 mail ready\r\n\r\n'));

    expect(await post('C1=', '1', PATIENT)).toBe('failed');
    expect(failures[0]?.message).toContain('not HTTP/1.1');
  });
});

/** Blocks this process; what others send meanwhile waits in the kernel. */
const standStill = (ms: number): unknown => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);

describe('a process that stood still', () => {
  it('reads the answers that came meanwhile before any post is late, or past its deadline', async () => {
    const sockets = new Set<Socket>();
    const late: string[] = [];
    let isToStand = false;
    const { post } = await openRaw((socket) => {
      sockets.add(socket);
      socket.write(OK);
      if (isToStand) standStill(SHORT.timeoutMs + 50);
    });
    const onLate = (): unknown => late.push('late');
    await post('C1=', '1', SHORT);
    isToStand = true;

    expect(await post('C1=', '2', SHORT)).toBe('delivered');
    expect(await post('C1=', '3', { ...PATIENT, onLate })).toBe('delivered');

    expect(late).toEqual([]);
    expect(sockets.size).toBe(1);
  });

  it('takes the connections that came about meanwhile', async () => {
    const { post, sockets } = await openCounted();
    await post('C1=', '1', PATIENT);
    const posts = [post('C1=', '2', PATIENT), post('C1=', '3', PATIENT)];
    standStill(CONNECT_TIMEOUT_MS + 50);

    expect(await Promise.all(posts)).toEqual(['delivered', 'delivered']);
    expect(sockets.size).toBe(2);
  });

  it('delivers, though all connections that it had were closed meanwhile', async () => {
    holdTime();
    const { post, sockets, failures } = await openCounted();
    const all = (): Promise<string[]> => Promise.all(Array.from({ length: SOCKETS }, () => post('C1=', '1', PATIENT)));
    await all();
    for (const socket of sockets) socket.destroy();

    // Nothing has been read since, so nobody knows yet.
    expect(new Set(await all())).toEqual(new Set(['delivered']));
    expect(failures).toEqual([]);
  });
});

describe('an endpoint that closes each connection right behind its answer, unannounced', () => {
  it.each<[string, (socket: Socket) => unknown]>([
    ['at once', (socket) => socket.end(OK)],
    ['by a reset', (socket) => socket.write(OK, () => socket.resetAndDestroy())],
    ['a moment later', (socket) => socket.write(OK, () => setRealTimeout(() => socket.end(), 1))],
  ])('%s: whatever goes out on it just then is sent once more, and all of many posts arrive', async (_, onRequest) => {
    holdTime();
    const { post, failures } = await openRaw(onRequest);
    const lane = async (): Promise<string[]> => {
      const outcomes: string[] = [];
      for (let number = 1; number <= 5; number++) outcomes.push(await post('C1=', '1', PATIENT));
      return outcomes;
    };

    const outcomes = await Promise.all(Array.from({ length: POST_CONCURRENCY }, lane));

    expect(new Set(outcomes.flat())).toEqual(new Set(['delivered']));
    expect(failures).toEqual([]);
  });
});
