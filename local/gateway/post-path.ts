import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { readPostRequest } from './post-request.ts';

/**
 * Answers a PostToConnection request with the text of a whole HTTP response; undefined if the HTTP server must handle
 * the request.
 */
export type AnswerPost = (encodedId: string, body: Buffer) => string | undefined;

/** The options of the fast path. */
export interface PostPathOptions {
  /** Beginnings of the request line that are accepted, such as `POST /live/@connections/`. */
  readonly prefixes: readonly string[];
  /** Time in ms for the first bytes of a socket. Past it the socket is destroyed. */
  readonly firstBytesMs: number;
  /** Time in ms after which an idle socket is closed. */
  readonly keepAliveMs: number;
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
export function openPostPath(server: Server, options: PostPathOptions, answerPost: AnswerPost): PostPath {
  const sockets = new Set<Socket>();
  // The HTTP server's own listeners. There is no other way to come before it on one port.
  const takers = server.listeners('connection');
  server.removeAllListeners('connection');

  const begin = (socket: Socket): void => {
    sockets.add(socket);
    const onData = (chunk: Buffer): void => {
      const rest = answerAll({ socket, chunk, prefixes: options.prefixes, answerPost });
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
      for (const take of takers) Reflect.apply(take, server, [socket]);
      socket.resume();
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
  readonly prefixes: readonly string[];
  readonly answerPost: AnswerPost;
}

/** Answers the posts at the beginning of a chunk. Returns the bytes for the HTTP server; undefined if none are left. */
function answerAll({ socket, chunk, prefixes, answerPost }: Posts): Buffer | undefined {
  for (let at = 0; at < chunk.length; ) {
    const request = readPostRequest(chunk, at, prefixes);
    const answer = request && answerPost(request.encodedId, request.body);
    if (request === undefined || answer === undefined) return chunk.subarray(at);
    const hasRoom = socket.write(answer, 'latin1');
    // A client that does not read its responses is not read either.
    if (!hasRoom && !socket.isPaused()) socket.pause().once('drain', () => socket.resume());
    at = request.end;
  }
  return undefined;
}
