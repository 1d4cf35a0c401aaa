import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TLSSocket } from 'node:tls';
import { serve } from '../processes/serve.ts';
import type { LocalhostCertificate } from './localhost-certificate.ts';

const HEAD_END = '\r\n\r\n';
/** The options of a stub endpoint. */
export interface StubOptions {
  /** The certificate of an endpoint with TLS. */
  readonly certificate?: LocalhostCertificate | undefined;
  /** The body of every response. Default: none. */
  readonly body?: string;
}

/**
 * Creates a server that answers every request with 200, as cheaply as Node can: the endpoint is not what is measured.
 * Fit for nothing else: it takes whatever looks like a request with a `content-length`.
 */
function createStub({ certificate, body = '' }: StubOptions): Server {
  const answer = Buffer.from(`HTTP/1.1 200 OK\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  const onSocket = (socket: Socket | TLSSocket): void => answerAll(socket.setNoDelay(true), answer);
  return certificate === undefined ? createServer(onSocket) : createTlsServer({ ...certificate }, onSocket);
}

function answerAll(socket: Socket, answer: Buffer): void {
  let rest = '';
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk) => {
    rest += chunk.toString('latin1');
    for (let length = requestLength(rest); length <= rest.length; length = requestLength(rest)) {
      rest = rest.slice(length);
      socket.write(answer);
    }
  });
}

/** Returns the length of the first request in `text`; infinite while that is unknown. */
function requestLength(text: string): number {
  const headEnd = text.indexOf(HEAD_END);
  if (headEnd === -1) return Number.POSITIVE_INFINITY;
  const [, length = '0'] = /\r\ncontent-length: *(\d+)/i.exec(text.slice(0, headEnd)) ?? [];
  return headEnd + HEAD_END.length + Number(length);
}

const commands = {
  /** Listens on any free port, with TLS if there is a certificate. Returns the port. */
  listen: async (options: StubOptions | undefined): Promise<number> => {
    const server = createStub(options ?? {});
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  },
};

/** The commands of the process of the stub endpoint. */
export type StubCommands = typeof commands;

serve(commands);
