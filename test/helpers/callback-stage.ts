import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { type FastPostDeps, createFastPost } from '../../shared/post/fast-post.ts';
import { CONNECT_TIMEOUT_MS, LATE_POSTS, type Post, POST_CONCURRENCY } from '../../shared/post/post.ts';
import { type HttpServer, startHttpServer } from './http-server.ts';

/** Far longer than any answer takes here. */
export const PATIENT = { timeoutMs: 30_000 } as const;
/** Longer than a connection may take, so that the two are told apart. */
export const SHORT = { timeoutMs: CONNECT_TIMEOUT_MS + 100 } as const;
export const CREDENTIALS = { accessKeyId: 'AKTEST', secretAccessKey: 'secret', sessionToken: 'token' } as const;
export const OK = 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n';
/** That a post has to its endpoint. */
export const SOCKETS = POST_CONCURRENCY + LATE_POSTS;

interface Opened {
  readonly post: Post;
  readonly failures: { connectionId: string; message: string }[];
}

type Answer = (response: ServerResponse, request: HttpServer['requests'][number]) => unknown;

interface CallbackStage {
  /** A post to this endpoint. */
  readonly openPost: (url: string, overrides?: Partial<FastPostDeps>) => Opened;
  /** A post to an endpoint that answers each whole request as the test says. */
  readonly open: (answer: Answer, overrides?: Partial<FastPostDeps>) => Promise<Opened & { server: HttpServer }>;
  /** A post to an endpoint that does on its sockets as the test says, byte by byte. */
  readonly openRaw: (
    onRequest: (socket: Socket, number: number) => unknown,
  ) => Promise<Opened & { requests: string[] }>;
  readonly close: () => Promise<void>;
}

/** Real endpoints for posts to `@connections`, that do what real ones do on bad days. */
export function createCallbackStage(): CallbackStage {
  const closing: (() => Promise<unknown>)[] = [];
  return {
    openPost,
    open: async (answer, overrides) => {
      const server = await startHttpServer((request, response) => void answer(response, request));
      closing.push(server.close);
      return { server, ...openPost(server.url, overrides) };
    },
    openRaw: async (onRequest) => {
      const { url, requests, close } = await startRawServer(onRequest);
      closing.push(close);
      return { requests, ...openPost(url) };
    },
    close: async () => {
      for (const close of closing.splice(0)) await close();
    },
  };
}

function openPost(url: string, overrides: Partial<FastPostDeps> = {}): Opened {
  const failures: Opened['failures'] = [];
  const post = createFastPost({
    callbackUrl: `${url}/live`,
    region: 'eu-central-1',
    credentials: () => CREDENTIALS,
    now: Date.now,
    onFailure: (connectionId, error) => failures.push({ connectionId, message: String(error) }),
    ...overrides,
  });
  return { post, failures };
}

/** Each byte in a write of its own. */
export async function writeByByte(socket: Socket, text: string): Promise<void> {
  for (const byte of text) {
    socket.write(byte);
    await new Promise(setImmediate);
  }
}

async function startRawServer(onRequest: (socket: Socket, number: number) => unknown) {
  const requests: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => undefined));
    socket.on('data', (chunk) => {
      requests.push(chunk.toString());
      onRequest(socket, requests.length);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const close = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, 'close');
  };
  return { url: `http://127.0.0.1:${port}`, requests, close };
}
