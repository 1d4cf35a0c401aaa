import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Invoke, Terminal, WebSocketApiModel } from '../model.ts';
import { answerJson, isStagePath } from './http.ts';
import { createAuthorize, type Authorize } from './authorize.ts';
import {
  type AuthorizeCallback,
  createAnswerPost,
  createManagementApi,
  postPrefixes,
  type ManagementApiResponse,
  type ManagementApiRequest,
  type ManagementApiDeps,
} from './management-api.ts';
import { closeGateway } from './close-gateway.ts';
import { ABNORMAL, type CloseReason } from './close-reason.ts';
import { GatewayConnection } from './connection.ts';
import { createDisconnects } from './disconnects.ts';
import { createTokenBucket, type GatewayContext } from './gateway-context.ts';
import { type Edge, startEdges } from './edges.ts';
import { createIdSource } from './ids.ts';
import { AWS_LIMITS, type GatewayLimits } from './limits.ts';
import { createOriginGuard, type OriginGuard } from '../origin-guard.ts';
import { listen } from '../ports.ts';
import { createRefusalLines } from '../refusal-lines.ts';
import { openPostPath, type PostPath } from './post-path.ts';
import { compileRouteSelection } from './route-selection.ts';
import { createMessageService } from './serve-message.ts';
import { createUpgrades } from './upgrade.ts';

/** The dependencies of a gateway. */
export interface GatewayDeps {
  readonly invoke: Invoke;
  readonly terminal: Terminal;
  readonly now?: () => number;
  readonly randomBytes?: (size: number) => Buffer;
  /** Serves every request that is for neither the stage nor `@connections`. */
  readonly page?: (request: IncomingMessage, response: ServerResponse) => void;
  /**
   * Test hook that sees each `@connections` request first. A returned response replaces the real one; 'hang' never
   * answers.
   */
  readonly interceptCallback?: (call: ManagementApiRequest) => undefined | 'hang' | ManagementApiResponse;
  /** Judges signed `@connections` requests. Default: every signed request passes. */
  readonly authorizeCallback?: AuthorizeCallback | undefined;
}

/** The options of a gateway. */
export interface GatewayOptions {
  readonly api: WebSocketApiModel;
  readonly region: string;
  readonly accountId: string;
  /** The port of the stage. 0: any free port. */
  readonly port: number;
  readonly limits?: Partial<GatewayLimits>;
  /** Further origins whose web pages may use the gateway. Default: its own only, and tools, which send none. */
  readonly origins?: readonly string[] | undefined;
  /** Processes that accept connections too, each on a separate port. Default: 0. */
  readonly edges?: number | undefined;
}

/** A running gateway. */
export interface Gateway {
  readonly port: number;
  /** The ports of the edges. */
  readonly edgePorts: readonly number[];
  readonly connectionCount: () => number;
  /** Ends every connection with 1001, lets `$disconnect` run within a bound, and closes the server. */
  close(): Promise<void>;
}

/**
 * Time in ms after which an idle keep-alive socket is closed, 60,000: longer than clients keep theirs, so that none is
 * closed during a request.
 */
const KEEP_ALIVE_MS = 60_000;

/** Starts one stage of a WebSocket API and its `@connections` API, on one port of 127.0.0.1. */
export async function startGateway(options: GatewayOptions, deps: GatewayDeps): Promise<Gateway> {
  const limits = limitsFor(options);
  // Errors in the template are reported before anything listens.
  const selectRouteKey = compileRouteSelection(options.api.routeSelectionExpression);
  const authorize = prepareAuthorizer(options.api, { ...deps, limits });
  const server = createHttpServer(limits);
  const port = await listen(server, options.port);
  // The edges' ports are added when they listen.
  const ports = new Set([port]);
  const guard = createOriginGuard({ ports, origins: options.origins }, createRefusalLines(deps.terminal.warn));
  const context = createContext({ options, deps, limits, port, guard });
  const disconnects = createDisconnects(context);
  const messages = createMessageService(context, selectRouteKey);
  const connections = new Map<string, GatewayConnection>();
  const onEnd = ({ facts }: GatewayConnection, close: CloseReason): void => {
    connections.delete(facts.connectionId);
    disconnects.announce(facts, close);
  };
  const upgrades = createUpgrades({
    context,
    ...authorize,
    port,
    connectionCount: () => connections.size,
    onAbandoned: (facts) => disconnects.announce(facts, ABNORMAL),
    onEstablished: (facts, transport) => {
      connections.set(facts.connectionId, new GatewayConnection(facts, transport, { context, messages, onEnd }));
    },
  });
  const callback = managementApiDeps(context, deps, connections);
  server.on('request', createRequestHandler(callback, deps));
  // An interceptor must see every request, so the fast path is off.
  const posts = callback.intercept === undefined ? preparePosts(server, callback) : undefined;
  server.on('upgrade', upgrades.handle);
  server.on('error', (error) => deps.terminal.warn(`gateway: ${error.message}`));
  const edges = await openEdges(server, options.edges ?? 0, deps.terminal);
  for (const edge of edges) ports.add(edge.port);
  return {
    port,
    edgePorts: edges.map((edge) => edge.port),
    connectionCount: () => connections.size,
    close: () => closeGateway({ server, edges, posts, upgrades, disconnects, connections, limits }),
  };
}

/** Returns the limits of a gateway. Each edge adds room for as many connections as a gateway without edges has. */
function limitsFor({ limits, edges = 0 }: GatewayOptions): GatewayLimits {
  return { ...AWS_LIMITS, connections: AWS_LIMITS.connections * (1 + edges), ...limits };
}

async function openEdges(server: Server, count: number, terminal: Terminal): Promise<Edge[]> {
  // Documented by Node: any duplex stream can be passed to an HTTP server like this.
  const onConnection = (socket: Duplex): void => void server.emit('connection', socket);
  try {
    return await startEdges(count, { port: 0, connections: AWS_LIMITS.connections }, { terminal, onConnection });
  } catch (error) {
    server.close();
    throw error;
  }
}

function prepareAuthorizer(
  { connectAuthorizer }: WebSocketApiModel,
  { now = Date.now, ...deps }: GatewayDeps & { limits: GatewayLimits },
): { authorize?: Authorize } {
  return connectAuthorizer === undefined ? {} : { authorize: createAuthorize(connectAuthorizer, { ...deps, now }) };
}

function createHttpServer(limits: GatewayLimits): Server {
  const server = createServer({
    maxHeaderSize: limits.headerBytes,
    headersTimeout: limits.headersTimeoutMs,
    requestTimeout: limits.requestTimeoutMs,
    connectionsCheckingInterval: limits.headersTimeoutMs,
    keepAliveTimeout: KEEP_ALIVE_MS,
    // Any other upgrade is an ordinary request: some clients offer HTTP/2 on each request.
    shouldUpgradeCallback: (request) => request.headers.upgrade?.toLowerCase() === 'websocket',
  });
  server.maxConnections = limits.connections + limits.pendingUpgrades + limits.httpSockets;
  return server;
}

function createContext(start: {
  options: GatewayOptions;
  deps: GatewayDeps;
  limits: GatewayLimits;
  port: number;
  guard: OriginGuard;
}): GatewayContext {
  const { api, region, accountId } = start.options;
  const { invoke, terminal, now = Date.now } = start.deps;
  return {
    api: {
      apiId: api.apiId,
      stage: api.stage,
      // Functions build their callback endpoint from it. AWS's own form would lead out of this machine.
      domainName: `127.0.0.1:${start.port}`,
      connectMethodArn: `arn:aws:execute-api:${region}:${accountId}:${api.apiId}/${api.stage}/$connect`,
    },
    routes: api.routes,
    limits: start.limits,
    invoke,
    terminal,
    now,
    ids: createIdSource(start.deps.randomBytes ?? randomBytes),
    takeToken: createTokenBucket(api.throttle, now),
    guard: start.guard,
  };
}

function managementApiDeps(
  context: GatewayContext,
  { interceptCallback: intercept, authorizeCallback: authorize }: GatewayDeps,
  connections: ReadonlyMap<string, GatewayConnection>,
): ManagementApiDeps {
  const findConnection = (connectionId: string): GatewayConnection | undefined => connections.get(connectionId);
  return { context, findConnection, authorize, ...(intercept === undefined ? {} : { intercept }) };
}

function preparePosts(server: Server, callback: ManagementApiDeps): PostPath {
  const { api, limits, guard } = callback.context;
  const options = {
    prefixes: postPrefixes(api.stage),
    firstBytesMs: limits.headersTimeoutMs,
    keepAliveMs: KEEP_ALIVE_MS,
    isHost: guard.isHost,
  };
  return openPostPath(server, options, createAnswerPost(callback));
}

function createRequestHandler(
  callback: ManagementApiDeps,
  deps: GatewayDeps,
): (request: IncomingMessage, response: ServerResponse) => void {
  const handleManagementApi = createManagementApi(callback);
  const { api, guard } = callback.context;
  return (request, response) => {
    if (guard.refuses(request.headers)) return answerJson(response, 403, 'Forbidden');
    if (handleManagementApi(request, response)) return;
    if (isStagePath(request.url ?? '/', api.stage)) answerJson(response, 426, 'Upgrade Required');
    else if (deps.page !== undefined) deps.page(request, response);
    else answerJson(response, 403, 'Forbidden');
  };
}
