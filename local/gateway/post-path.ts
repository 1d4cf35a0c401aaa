import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { readPostRequest } from './post-request.ts';

/** Answers one post, as the bytes of a whole HTTP response; undefined: it is not as plain as it looked. */
export type AnswerPost = (encodedId: string, body: Buffer) => string | undefined;

export interface PostPathOptions {
  /** Of a request line, the method included: `POST /live/@connections/`. */
  readonly prefixes: readonly string[];
  /** For the first bytes of a socket. */
  readonly firstBytesMs: number;
  /** How long an idle socket stays open. */
  readonly keepAliveMs: number;
}

export interface PostPath {
  /** Destroys the sockets that are still on this path. */
  readonly destroyAll: () => void;
}

/**
 * A way round Node's HTTP parser for the inner loop of every fan-out: a plain post that came whole is answered from the
 * chunk it came in, without streams, objects for headers, or a copy of its body. Whatever else a socket says goes to the
 * HTTP server, together with the socket, for good: so this path has to know one form of request and no other.
 */
export function openPostPath(server: Server, options: PostPathOptions, answerPost: AnswerPost): PostPath {
  const sockets = new Set<Socket>();
  // The HTTP server's own; there is no other way to stand before it on one port.
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
      // A client that broke off: nobody is left to be told.
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

/** Answers the posts that a chunk begins with; returns what is left for the HTTP server, undefined: nothing. */
function answerAll({ socket, chunk, prefixes, answerPost }: Posts): Buffer | undefined {
  for (let at = 0; at < chunk.length; ) {
    const request = readPostRequest(chunk, at, prefixes);
    const answer = request && answerPost(request.encodedId, request.body);
    if (request === undefined || answer === undefined) return chunk.subarray(at);
    const hasRoom = socket.write(answer, 'latin1');
    // Who does not read the answers is not read either.
    if (!hasRoom && !socket.isPaused()) socket.pause().once('drain', () => socket.resume());
    at = request.end;
  }
  return undefined;
}
