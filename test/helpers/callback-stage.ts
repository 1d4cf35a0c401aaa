import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { createFastPost } from '../../shared/post/fast-post.ts';
import { CONNECT_TIMEOUT_MS, LATE_POSTS, type Post, POST_CONCURRENCY, type PostDeps } from '../../shared/post/post.ts';
import { createSdkPost } from '../../shared/post/sdk-post.ts';
import { type HttpServer, startHttpServer } from './http-server.ts';
import { LOCALHOST } from './localhost-certificate.ts';

/** A deadline far longer than any answer takes here. */
export const PATIENT = { timeoutMs: 30_000 } as const;
/** A deadline longer than a connection may take, so that the two can be distinguished. */
export const SHORT = { timeoutMs: CONNECT_TIMEOUT_MS + 100 } as const;
export const CREDENTIALS = { accessKeyId: 'AKTEST', secretAccessKey: 'secret', sessionToken: 'token' } as const;
export const OK = 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n';
/** The number of sockets that a poster has to its endpoint. */
export const SOCKETS = POST_CONCURRENCY + LATE_POSTS;

type CreatePost = (deps: PostDeps) => Post;

/** The posters that keep the contract of `Post`, by their names in tests. */
export const POSTERS: readonly (readonly [string, CreatePost])[] = [
  ['the fast poster', createFastPost],
  ['the poster over the official client', createSdkPost],
];

/** Returns what `each` makes of a few more indexes than there are sockets. */
export const crowd = <T>(each: (index: number) => T): T[] => Array.from({ length: SOCKETS + 10 }, (_, i) => each(i));

interface Opened {
  readonly post: Post;
  readonly failures: { connectionId: string; message: string }[];
}

type Answer = (response: ServerResponse, request: HttpServer['requests'][number]) => unknown;

interface CallbackStage {
  /** Returns a poster to this endpoint. */
  readonly openPost: (url: string, overrides?: Partial<PostDeps>) => Opened;
  /** Starts an endpoint that answers each whole request as the test says, and a poster to it. */
  readonly open: (answer: Answer, overrides?: Partial<PostDeps>) => Promise<Opened & { server: HttpServer }>;
  /** Starts an endpoint that does on its sockets as the test says, byte by byte, and a poster to it. */
  readonly openRaw: (
    onRequest: (socket: Socket, number: number) => unknown,
  ) => Promise<Opened & { requests: string[]; sockets: ReadonlySet<Socket> }>;
  /** Starts this TLS server on `localhost`, and a poster to it. */
  readonly openTls: (server: Server) => Promise<Opened>;
  /** Trusts the certificate of localhost until the stage is closed. */
  readonly trustLocalhost: () => void;
  readonly close: () => Promise<void>;
}

const TRUSTED = getCACertificates('default');

/** Creates real endpoints for posts to `@connections`, which do what real ones do on bad days. */
export function createCallbackStage(createPost: CreatePost = createFastPost): CallbackStage {
  const closing: (() => Promise<unknown>)[] = [];
  const openPost: CallbackStage['openPost'] = (url, overrides) => openPostBy(createPost, url, overrides);
  return {
    openPost,
    open: async (answer, overrides) => {
      const server = await startHttpServer((request, response) => void answer(response, request));
      closing.push(server.close);
      return { server, ...openPost(server.url, overrides) };
    },
    openRaw: async (onRequest) => {
      const requests: string[] = [];
      const server = createServer((socket) => {
        socket.on('data', (chunk) => {
          requests.push(chunk.toString());
          onRequest(socket, requests.length);
        });
      });
      const { port, sockets, close } = await listen(server);
      closing.push(close);
      return { requests, sockets, ...openPost(`http://127.0.0.1:${port}`) };
    },
    openTls: async (server) => {
      const { port, close } = await listen(server);
      closing.push(close);
      return openPost(`https://localhost:${port}`);
    },
    trustLocalhost: () => setDefaultCACertificates([...TRUSTED, LOCALHOST.cert]),
    close: async () => {
      setDefaultCACertificates(TRUSTED);
      for (const close of closing.splice(0)) await close();
    },
  };
}

function openPostBy(createPost: CreatePost, url: string, overrides: Partial<PostDeps> = {}): Opened {
  const failures: Opened['failures'] = [];
  const post = createPost({
    callbackUrl: `${url}/live`,
    region: 'eu-central-1',
    credentials: () => CREDENTIALS,
    now: Date.now,
    onFailure: (connectionId, error) => failures.push({ connectionId, message: String(error) }),
    ...overrides,
  });
  return { post, failures };
}

/** Writes each byte by a separate write. */
export async function writeByByte(socket: Socket, text: string): Promise<void> {
  for (const byte of text) {
    socket.write(byte);
    await new Promise(setImmediate);
  }
}

/** Starts a server whose sockets survive any error, and can all be closed. */
async function listen(server: Server) {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => sockets.add(socket.on('error', () => undefined)));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const close = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, 'close');
  };
  return { port, sockets, close };
}
