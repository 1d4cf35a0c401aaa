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

  const handOver = (socket: Socket, rest: Buffer): void => {
    sockets.delete(socket);
    socket.removeAllListeners();
    socket.setTimeout(0).pause();
    if (rest.length > 0) socket.unshift(rest);
    for (const take of takers) Reflect.apply(take, server, [socket]);
  };
  const serve = (socket: Socket, chunk: Buffer): void => {
    for (let at = 0; at < chunk.length; ) {
      const request = readPostRequest(chunk, at, options.prefixes);
      const answer = request && answerPost(request.encodedId, request.body);
      if (request === undefined || answer === undefined) return handOver(socket, chunk.subarray(at));
      socket.write(answer, 'latin1');
      at = request.end;
    }
  };
  const begin = (socket: Socket): void => {
    sockets.add(socket);
    socket.setTimeout(options.firstBytesMs);
    socket.once('data', () => socket.setTimeout(options.keepAliveMs));
    socket.on('data', (chunk: Buffer) => serve(socket, chunk));
    socket.on('timeout', () => socket.destroy());
    socket.on('end', () => socket.end());
    // A client that broke off has nobody left to be told.
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
  };
  server.on('connection', begin);
  return {
    destroyAll: () => {
      for (const socket of sockets) socket.destroy();
    },
  };
}
