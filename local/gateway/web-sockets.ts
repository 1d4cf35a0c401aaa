import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import type { GatewayLimits } from './limits.ts';

/** An upgrade that is granted. */
interface Opening {
  readonly request: IncomingMessage;
  /** Paused. */
  readonly socket: Duplex;
  /** What the client sent before it was answered. */
  readonly early: Buffer;
  /** Told to the client even if it did not ask for it. */
  readonly subprotocol?: string;
}

export interface WebSockets {
  /** Answers 101; `onOpen` is called at once, before any frame is read, or never when the client is gone. */
  readonly open: (opening: Opening, onOpen: (ws: WebSocket) => void) => void;
  readonly allClosed: () => Promise<void>;
  readonly terminateAll: () => void;
}

/** The WebSocket server, as bare as API Gateway's: no compression, no pings, no choice of subprotocol by itself. */
export function createWebSockets(limits: GatewayLimits): WebSockets {
  const options = {
    noServer: true,
    perMessageDeflate: false,
    maxPayload: limits.messageBytes,
    closeTimeout: limits.closeHandshakeMs,
  };
  const server = new WebSocketServer(options);
  const subprotocols = new WeakMap<IncomingMessage, string>();
  server.on('headers', (headers, request) => {
    const subprotocol = subprotocols.get(request);
    if (subprotocol !== undefined) headers.push(`Sec-WebSocket-Protocol: ${subprotocol}`);
  });
  return {
    open: ({ request, socket, early, subprotocol }, onOpen) => {
      // The offer was for the `$connect` function; `ws` would choose from it, or refuse too late what it dislikes.
      delete request.headers['sec-websocket-protocol'];
      if (subprotocol !== undefined) subprotocols.set(request, subprotocol);
      server.handleUpgrade(request, socket, early, (ws) => {
        onOpen(ws);
        ws.resume();
      });
    },
    allClosed: async () => {
      await Promise.all([...server.clients].map((ws) => new Promise((resolve) => ws.once('close', resolve))));
    },
    terminateAll: () => {
      for (const ws of server.clients) ws.terminate();
    },
  };
}
