import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { GatewaySocket } from './connection.ts';
import type { GatewayLimits } from './limits.ts';

/** An accepted upgrade. */
interface Opening {
  readonly request: IncomingMessage;
  /** The socket, paused. */
  readonly socket: Duplex;
  /** The bytes that the client sent before the response. */
  readonly early: Buffer;
  /** The subprotocol in the response, even if the client did not ask for it. */
  readonly subprotocol?: string;
}

/** The open WebSockets of a gateway. */
export interface WebSockets {
  /** Answers 101. `onOpen` is called synchronously, before any frame is read, or never if the client has left. */
  readonly open: (opening: Opening, onOpen: (ws: GatewaySocket) => void) => void;
  readonly allClosed: () => Promise<void>;
  readonly terminateAll: () => void;
}

/**
 * Creates the WebSocket server, with as little as API Gateway offers: no compression, no pings, no choice of
 * subprotocol.
 */
export function createWebSockets(limits: GatewayLimits): WebSockets {
  const options = {
    noServer: true,
    perMessageDeflate: false,
    maxPayload: limits.messageBytes,
    closeTimeout: limits.closeHandshakeMs,
    // `ws` would track them with a closure for each.
    clientTracking: false,
    WebSocket: GatewaySocket,
  };
  const server = new WebSocketServer(options);
  const open = new Set<WebSocket>();
  function forget(this: WebSocket): void {
    open.delete(this);
  }
  const subprotocols = new WeakMap<IncomingMessage, string>();
  server.on('headers', (headers, request) => {
    const subprotocol = subprotocols.get(request);
    if (subprotocol !== undefined) headers.push(`Sec-WebSocket-Protocol: ${subprotocol}`);
  });
  return {
    open: ({ request, socket, early, subprotocol }, onOpen) => {
      // The offer was for the `$connect` function. `ws` would choose from it, or reject it after `$connect`.
      delete request.headers['sec-websocket-protocol'];
      if (subprotocol !== undefined) subprotocols.set(request, subprotocol);
      server.handleUpgrade(request, socket, early, (ws) => {
        open.add(ws.on('close', forget));
        onOpen(ws);
        ws.resume();
      });
    },
    allClosed: async () => {
      await Promise.all([...open].map((ws) => new Promise((resolve) => ws.once('close', resolve))));
    },
    terminateAll: () => {
      for (const ws of open) ws.terminate();
    },
  };
}
