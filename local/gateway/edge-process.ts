/**
 * The process of an edge, which accepts connections on a separate port and relays their bytes, each connection as a
 * stream of one HTTP/2 session over the pipe to the gateway. HTTP/2 provides many streams, each with flow control.
 */
import { type ClientHttp2Session, type ClientHttp2Stream, connect } from 'node:http2';
import { createServer, Socket } from 'node:net';
import { pipeline } from 'node:stream';
import { EDGE, type EdgeArguments, type EdgeReport, PIPE, SOURCE_HEADER } from './edge-protocol.ts';

// From edges.ts, which started this process.
const { port, connections }: EdgeArguments = JSON.parse(process.argv[2] ?? '');

const session = connect('http://gateway', {
  createConnection: () => new Socket({ fd: PIPE }),
  maxSessionMemory: EDGE.sessionMegabytes,
  settings: { initialWindowSize: EDGE.streamWindowBytes, enablePush: false },
});
// An edge ends with its gateway.
session.on('close', () => process.exit());
session.on('error', (error) => {
  process.stderr.write(`edge: ${error.message}\n`);
  process.exit(1);
});
session.once('remoteSettings', () => {
  session.setLocalWindowSize(EDGE.sessionWindowBytes);
  listen(session);
});
// Ctrl-C in a terminal reaches the whole process group. The gateway decides when its edges end.
process.on('SIGINT', () => undefined);

function listen(to: ClientHttp2Session): void {
  const server = createServer({ noDelay: true }, (socket) => relay(socket, openStream(to, socket)));
  server.maxConnections = connections;
  server.on('error', (error) => report({ error: error.message }));
  server.listen(port, '127.0.0.1', () => {
    const address = server.address();
    report({ port: typeof address === 'object' && address !== null ? address.port : port });
  });
}

function openStream(to: ClientHttp2Session, { remoteAddress = '' }: Socket): ClientHttp2Stream {
  return to.request({ ':method': 'POST', [SOURCE_HEADER]: remoteAddress }, { endStream: false });
}

/** Relays bytes in both directions until both sides have ended. When one side breaks, so does the other. */
function relay(socket: Socket, stream: ClientHttp2Stream): void {
  const ended = (): void => undefined;
  pipeline(socket, stream, ended);
  pipeline(stream, socket, ended);
  // Ended by the gateway. A client that does not read would never notice the end, and its socket would stay open.
  stream.once('aborted', () => setTimeout(() => socket.destroy(), EDGE.lastWordsMs).unref());
}

function report(message: EdgeReport): void {
  process.send?.(message);
}
