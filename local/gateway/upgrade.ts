import { STATUS_CODES, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { admitConnection } from './admit-connection.ts';
import type { Authorize } from './authorize.ts';
import type { GatewaySocket } from './connection.ts';
import type { GatewayContext } from './gateway-context.ts';
import { holdSocket } from './held-socket.ts';
import type { ConnectionFacts } from './proxy-event.ts';
import type { Refusal } from '../iam/refusals.ts';
import { isStagePath } from './http.ts';
import { readUpgradeRequest, type UpgradeRequest } from './upgrade-request.ts';
import { createWebSockets } from './web-sockets.ts';

/** The dependencies of upgrades. */
export interface UpgradeDeps {
  readonly context: GatewayContext;
  readonly authorize?: Authorize;
  readonly port: number;
  /** Returns the number of the established connections of all stages. */
  readonly connectionCount: () => number;
  /** Called when the client left after `$connect` had admitted it and before the handshake ended. */
  readonly onAbandoned: (facts: ConnectionFacts) => void;
  readonly onEstablished: (facts: ConnectionFacts, transport: { ws: GatewaySocket; socket: Duplex }) => void;
}

/** The upgrade requests of a running gateway. */
export interface Upgrades {
  readonly handle: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
  /** Refuses every further upgrade, and destroys the sockets of those that wait. */
  readonly stop: () => void;
  /** Resolves when every WebSocket has closed. */
  readonly allClosed: () => Promise<void>;
  /** Destroys every WebSocket that is still open. */
  readonly terminateAll: () => void;
}

const WEBSOCKET_KEY = /^[\d+/A-Za-z]{22}==$/;
const WEBSOCKET_VERSIONS = new Set(['13', '8']);
const SUBPROTOCOLS = /^[\w!#$%&'*+.^`|~-]+(?:[\t ]*,[\t ]*[\w!#$%&'*+.^`|~-]+)*$/;

/** Creates the handler of upgrade requests, which opens a connection or answers with an HTTP error. */
export function createUpgrades(deps: UpgradeDeps): Upgrades {
  const { context } = deps;
  const waiting = new Set<Duplex>();
  const sockets = createWebSockets(context.limits);
  let isStopped = false;

  const refusalOf = (request: IncomingMessage): number | undefined => {
    if (isStopped) return 503;
    if (context.guard.refuses(request.headers)) return 403;
    const refusal = refusalByForm(request, context);
    if (refusal !== undefined) return refusal;
    const { connections, pendingUpgrades } = context.limits;
    const isFull = waiting.size >= pendingUpgrades || waiting.size + deps.connectionCount() >= connections;
    return isFull || !context.takeToken() ? 429 : undefined;
  };
  const upgrade = async (request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> => {
    const refusal = refusalOf(request);
    if (refusal !== undefined) return refuseUpgrade(socket, refusal);
    waiting.add(socket);
    const held = holdSocket(socket, head, context.limits.earlyBytes);
    try {
      const admission = await admitConnection({ ...deps, ...beginConnection(request, deps) });
      const early = held.release();
      if ('refusedWith' in admission) return refuseUpgrade(socket, admission.refusedWith, admission.words);
      // The client left while it waited, but `$connect` admitted it: `$disconnect` may undo what `$connect` wrote.
      if (held.isGone()) return deps.onAbandoned(admission.facts);
      const { facts: admitted, ...chosen } = admission;
      sockets.open({ request, socket, early, ...chosen }, (ws) => deps.onEstablished(admitted, { ws, socket }));
    } finally {
      waiting.delete(socket);
    }
  };
  return {
    handle: (request, socket, head) => {
      // Node destroys a socket that fails. Without a listener the error would end the process.
      socket.on('error', () => socket.destroy());
      upgrade(request, socket, head).catch((error: unknown) => {
        context.terminal.warn(`upgrade failed: ${String(error)}`);
        refuseUpgrade(socket, 500);
      });
    },
    stop: () => {
      isStopped = true;
      for (const socket of waiting) socket.destroy();
    },
    allClosed: sockets.allClosed,
    terminateAll: sockets.terminateAll,
  };
}

/**
 * Returns the HTTP status for a malformed upgrade; undefined for a valid one. Checked before any function runs: after
 * `$connect` only the client may cause a failure.
 */
function refusalByForm(request: IncomingMessage, { api, limits }: GatewayContext): number | undefined {
  const target = request.url ?? '/';
  const { 'sec-websocket-key': key, 'sec-websocket-version': version } = request.headers;
  const subprotocols = request.headers['sec-websocket-protocol'];
  if (target.length > limits.urlChars) return 414;
  if (!isStagePath(target, api.stage)) return 403;
  const isWellFormed =
    request.method === 'GET' &&
    WEBSOCKET_KEY.test(key ?? '') &&
    WEBSOCKET_VERSIONS.has(version ?? '') &&
    (subprotocols === undefined || SUBPROTOCOLS.test(subprotocols));
  return isWellFormed ? undefined : 400;
}

function beginConnection(
  request: IncomingMessage,
  { context, port }: UpgradeDeps,
): { facts: ConnectionFacts; request: UpgradeRequest } {
  const connectedAt = context.now();
  const read = readUpgradeRequest(request, { port, traceId: context.ids.traceId(connectedAt) });
  return { facts: { connectionId: context.ids.connectionId(), connectedAt, client: read.client }, request: read };
}

/** Answers an upgrade with a plain HTTP response, and ends the socket. Default: in the words of the status. */
export function refuseUpgrade(socket: Duplex, status: number, words?: Refusal): void {
  const reason = STATUS_CODES[status] ?? 'Unknown';
  const body = JSON.stringify({ message: words?.message ?? reason });
  socket.once('finish', () => socket.destroy());
  socket.end(
    [
      `HTTP/1.1 ${status} ${reason}`,
      'Connection: close',
      ...(words === undefined ? [] : [`x-amzn-ErrorType: ${words.errorType}`]),
      'Content-Type: application/json',
      `Content-Length: ${Buffer.byteLength(body)}`,
      '',
      body,
    ].join('\r\n'),
  );
}
