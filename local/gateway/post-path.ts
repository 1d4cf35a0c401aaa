import type { Server } from 'node:http';
import type { Socket } from 'node:net';

const HEAD_END = '\r\n\r\n';

/**
 * Anything that needs a complete HTTP parser or a browser's origin: bodies without a length or with two, `Expect`,
 * upgrades, connections other than keep-alive, folded lines, the headers that a browser adds.
 */
const UNUSUAL =
  /[^\r]\n|\n[\t ]|\n(?:transfer-encoding|expect|upgrade|trailer|origin|sec-fetch-site)[\t ]*:|\nconnection[\t ]*:(?!\s*keep-alive\r)/i;

const LENGTH = /\ncontent-length[\t ]*:[\t ]*(\d{1,9})[\t ]*(?:\r|$)/gi;

const HOST = /\nhost[\t ]*:[\t ]*([^\r]*?)[\t ]*(?:\r|$)/gi;

const AUTHORIZATION = /\nauthorization[\t ]*:[\t ]*([^\r]+)/i;

const REQUEST_LINE_END = / HTTP\/1\.1\r/;

/**
 * Answers a PostToConnection request with the text of a whole HTTP response; undefined if the HTTP server must handle
 * the request.
 */
export type AnswerPost = (request: PostRequest) => string | undefined;

/** A stage whose connections are posted to. */
export interface PostPathTarget {
  /** The beginning of its request lines, such as `POST /live/@connections/`. */
  readonly prefix: string;
  readonly answerPost: AnswerPost;
}

/** The options of the fast path. */
export interface PostPathOptions {
  readonly targets: readonly PostPathTarget[];
  /** Time in ms for the first bytes of a socket. Past it the socket is destroyed. */
  readonly firstBytesMs: number;
  /** Time in ms after which an idle socket is closed. */
  readonly keepAliveMs: number;
  /** Returns whether a `Host` header names this server. */
  readonly isHost: (host: string) => boolean;
}

/** The fast path of a running gateway. */
export interface PostPath {
  /** Destroys the sockets that were not passed to the HTTP server. */
  readonly destroyAll: () => void;
}

/**
 * Opens a fast path past Node's HTTP parser for the inner loop of every fan-out. A plain post that arrives in one chunk
 * is answered from that chunk, without streams, header objects or a copy of its body. On anything else, the socket is
 * passed to the HTTP server for good, together with the bytes, so this path handles one form of request and no other.
 */
export function openPostPath(server: Server, options: PostPathOptions): PostPath {
  const sockets = new Set<Socket>();
  // The HTTP server's own listeners. There is no other way to come before it on one port.
  const takers = server.listeners('connection');
  server.removeAllListeners('connection');

  const begin = (socket: Socket): void => {
    sockets.add(socket);
    const onData = (chunk: Buffer): void => {
      const rest = answerAll({ socket, chunk, options });
      if (rest === undefined) socket.setTimeout(options.keepAliveMs);
      else handOver(rest);
    };
    const listeners = {
      data: onData,
      timeout: () => socket.destroy(),
      end: () => socket.end(),
      // The client broke the connection: there is nobody to answer.
      error: () => socket.destroy(),
      close: () => sockets.delete(socket),
    };
    const handOver = (rest: Buffer): void => {
      sockets.delete(socket);
      for (const [event, listener] of Object.entries(listeners)) socket.off(event, listener);
      socket.setTimeout(0).pause();
      socket.unshift(rest);
      // Takes effect in the next turn: until then a taker may pause the socket again.
      socket.resume();
      for (const take of takers) Reflect.apply(take, server, [socket]);
    };
    socket.setTimeout(options.firstBytesMs);
    for (const [event, listener] of Object.entries(listeners)) socket.on(event, listener);
  };
  server.on('connection', begin);
  return {
    destroyAll: () => {
      for (const socket of sockets) socket.destroy();
    },
  };
}

interface Posts {
  readonly socket: Socket;
  readonly chunk: Buffer;
  readonly options: PostPathOptions;
}

/** Answers the posts at the beginning of a chunk. Returns the bytes for the HTTP server; undefined if none are left. */
function answerAll({ socket, chunk, options }: Posts): Buffer | undefined {
  for (let at = 0; at < chunk.length; ) {
    const request = readPostRequest(chunk, at, options);
    const answer = request?.answerPost(request);
    if (request === undefined || answer === undefined) return chunk.subarray(at);
    const hasRoom = socket.write(answer, 'latin1');
    // A client that does not read its responses is not read either.
    if (!hasRoom && !socket.isPaused()) socket.pause().once('drain', () => socket.resume());
    at = request.end;
  }
  return undefined;
}

/** A plain `POST` to a connection, as clients of `@connections` write it. */
interface PostRequest extends Pick<PostPathTarget, 'answerPost'> {
  readonly encodedId: string;
  readonly body: Buffer;
  readonly authorization: string;
  /** The request line and the headers. */
  readonly head: string;
  /** Offset of the next request in the chunk. */
  readonly end: number;
}

/** Reads the request at an offset of a chunk. Returns undefined if it is not a plain post or not complete. */
function readPostRequest(chunk: Buffer, start: number, options: PostPathOptions): PostRequest | undefined {
  const headEnd = chunk.indexOf(HEAD_END, start, 'latin1');
  if (headEnd === -1) return undefined;
  const head = chunk.toString('latin1', start, headEnd);
  const target = options.targets.find(({ prefix }) => head.startsWith(prefix));
  const [, authorization] = AUTHORIZATION.exec(head) ?? [];
  if (target === undefined || UNUSUAL.test(head) || authorization === undefined) return undefined;
  if (!options.isHost(onlyMatch(head, HOST) ?? '')) return undefined;
  const idEnd = head.search(REQUEST_LINE_END);
  const bodyStart = headEnd + HEAD_END.length;
  const end = bodyStart + bodyLength(head);
  // NaN without a length: the comparison is then false too.
  if (!(end <= chunk.length) || idEnd === -1) return undefined;
  const { prefix, answerPost } = target;
  const encodedId = head.slice(prefix.length, idEnd);
  return { encodedId, body: chunk.subarray(bodyStart, end), authorization, head, end, answerPost };
}

/** Returns the length of the body; NaN for a header without one, or with two. */
const bodyLength = (head: string): number => Number(onlyMatch(head, LENGTH) ?? Number.NaN);

/** Returns the first group of a pattern's only match; undefined without a match, or with several. */
function onlyMatch(head: string, pattern: RegExp): string | undefined {
  const [first, ...others] = head.matchAll(pattern);
  return others.length > 0 ? undefined : first?.[1];
}
