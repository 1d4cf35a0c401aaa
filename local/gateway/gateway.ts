import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Certificate } from '../certificate.ts';
import type { Terminal, WebSocketApiModel } from '../model.ts';
import { answerJson, isStagePath } from './http.ts';
import { type Authorize, type AuthorizeDeps, createAuthorize } from './authorize.ts';
import { type AuthorizeConnect, createSignedAuthorize } from './authorize-signed.ts';
import {
  type AuthorizeCallback,
  createManagementApi,
  postTargets,
  type ManagementApiResponse,
  type ManagementApiRequest,
  type ManagementApiDeps,
} from './management-api.ts';
import { closeGateway } from './close-gateway.ts';
import type { GatewayConnection } from './connection.ts';
import { type OpenConnection, closeConnection, newestConnections } from './connection-list.ts';
import { type Edge, startEdges } from './edges.ts';
import { AWS_LIMITS, type GatewayLimits } from './limits.ts';
import { createOriginGuard, type OriginGuard } from '../origin-guard.ts';
import { listen } from '../ports.ts';
import { createRefusalLines } from '../refusal-lines.ts';
import { openPostPath, type PostPath } from './post-path.ts';
import { compileSelection } from './route-selection.ts';
import { type ApiPlace, createStage, type RunningStage, type StageDeps, type StageSetup } from './stage.ts';
import { openTlsPort, type TlsPort } from './tls-port.ts';
import { refuseUpgrade, type Upgrades } from './upgrade.ts';

/** The dependencies of a gateway. */
export interface GatewayDeps extends StageDeps {
  /** Serves every request that is for neither a stage nor `@connections`. */
  readonly page?: (request: IncomingMessage, response: ServerResponse) => void;
  /**
   * Test hook that sees each `@connections` request first. A returned response replaces the real one; 'hang' never
   * answers.
   */
  readonly interceptCallback?: ((call: ManagementApiRequest) => undefined | 'hang' | ManagementApiResponse) | undefined;
  /** Judges signed `@connections` requests. Default: every signed request passes. */
  readonly authorizeCallback?: AuthorizeCallback | undefined;
  /** Judges signed handshakes. Default: an API that asks for signatures refuses all. */
  readonly authorizeConnect?: AuthorizeConnect | undefined;
}

/** The options of a gateway. */
export interface GatewayOptions extends ApiPlace {
  /** The API whose stages are served. Default: none, for a port that serves the page only. */
  readonly api?: Omit<WebSocketApiModel, 'port'> | undefined;
  /** Serves TLS on the port too, with this certificate. Default: none. */
  readonly certificate?: Certificate | undefined;
  /** The port to listen on. 0: any free port. */
  readonly port: number;
  readonly limits?: Partial<GatewayLimits>;
  /**
   * The ports whose pages may use the gateway, to which it adds its own: other gateways of the runtime serve the same
   * page. Default: its own only.
   */
  readonly pagePorts?: Set<number> | undefined;
  /** Further origins whose web pages may use the gateway. Default: its own only, and tools, which send none. */
  readonly origins?: readonly string[] | undefined;
  /** Processes that accept connections too, each on a separate port. Default: 0. */
  readonly edges?: number | undefined;
}

export type { OpenConnection };

/** A running gateway. */
export interface Gateway {
  readonly port: number;
  /** The ports of the edges. */
  readonly edgePorts: readonly number[];
  readonly connectionCount: () => number;
  /** Returns the established connections, the newest first, at most this many. */
  readonly connections: (maximum: number) => readonly OpenConnection[];
  /** Closes a connection, as `DELETE @connections` does. Returns false for one that is not here. */
  readonly closeConnection: (connectionId: string) => boolean;
  /** Ends every connection with 1001, lets `$disconnect` run within a bound, and closes the server. */
  close(): Promise<void>;
}

/**
 * Time in ms after which an idle keep-alive socket is closed, 60,000: longer than clients keep theirs, so that none is
 * closed during a request.
 */
const KEEP_ALIVE_MS = 60_000;

/**
 * Starts a WebSocket API: its stages with their `@connections` API, on one port of 127.0.0.1. Without an API the port
 * serves the page only.
 */
export async function startGateway(options: GatewayOptions, deps: GatewayDeps): Promise<Gateway> {
  const limits = limitsFor(options);
  // Errors in the template are reported before anything listens.
  const openStages = prepareStages(options, { deps, limits });
  const server = createHttpServer(limits);
  const port = await listen(server, options.port);
  // The edges' ports are added when they listen.
  const ports = (options.pagePorts ?? new Set<number>()).add(port);
  const guard = createOriginGuard(
    { ports, origins: options.origins, host: options.api?.host },
    createRefusalLines(deps.terminal.warn),
  );
  const stages = openStages({ port, guard });
  const callbacks = stages.map((stage) => managementApiDeps(stage, deps));
  server.on('request', createRequestHandler({ stages, callbacks, guard }, deps));
  const tls = openTls(server, options, limits);
  // An interceptor must see every request, so the fast path is off.
  const posts = deps.interceptCallback === undefined ? preparePosts(server, callbacks, { limits, guard }) : undefined;
  server.on('upgrade', createUpgradeHandler(stages));
  server.on('error', (error) => deps.terminal.warn(`gateway: ${error.message}`));
  const edges = await openEdges(server, options.edges ?? 0, deps.terminal);
  for (const edge of edges) ports.add(edge.port);
  return {
    port,
    edgePorts: edges.map((edge) => edge.port),
    connectionCount: () => countConnections(stages),
    connections: (maximum) => newestConnections(stages, maximum),
    closeConnection: (connectionId) => closeConnection(stages, connectionId),
    close: () => closeGateway({ server, edges, held: [posts, tls], stages, limits }),
  };
}

type OpenStages = (opening: Pick<StageSetup, 'guard'> & { readonly port: number }) => readonly RunningStage[];

function prepareStages(
  { api, region, accountId }: GatewayOptions,
  { deps, limits }: { readonly deps: GatewayDeps; readonly limits: GatewayLimits },
): OpenStages {
  if (api === undefined) return () => [];
  const selectRouteKey = compileSelection(api.routeSelectionExpression);
  const authorize = authorizeOf(api, { ...deps, now: deps.now ?? Date.now, limits });
  return ({ port, guard }) => {
    const place = { region, accountId, port };
    const connectionCount = (): number => countConnections(stages);
    const setup: StageSetup = { api, place, limits, deps, guard, selectRouteKey, authorize, connectionCount };
    const stages = api.stages.map((stage) => createStage(stage, setup));
    return stages;
  };
}

function authorizeOf(
  { connectAuthorizer, isConnectSigned = false }: Pick<WebSocketApiModel, 'connectAuthorizer' | 'isConnectSigned'>,
  deps: AuthorizeDeps & Pick<GatewayDeps, 'authorizeConnect'>,
): Authorize | undefined {
  if (isConnectSigned) return createSignedAuthorize(deps.authorizeConnect);
  return connectAuthorizer && createAuthorize(connectAuthorizer, deps);
}

const countConnections = (stages: readonly RunningStage[]): number =>
  stages.reduce((count, { connections }) => count + connections.size, 0);

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

function managementApiDeps(
  { context, connections }: RunningStage,
  { interceptCallback: intercept, authorizeCallback: authorize }: GatewayDeps,
): ManagementApiDeps {
  const findConnection = (connectionId: string): GatewayConnection | undefined => connections.get(connectionId);
  return { context, findConnection, authorize, ...(intercept === undefined ? {} : { intercept }) };
}

function preparePosts(
  server: Server,
  callbacks: readonly ManagementApiDeps[],
  { limits, guard }: { readonly limits: GatewayLimits; readonly guard: OriginGuard },
): PostPath {
  return openPostPath(server, {
    targets: callbacks.flatMap(postTargets),
    firstBytesMs: limits.headersTimeoutMs,
    keepAliveMs: KEEP_ALIVE_MS,
    isHost: guard.isHost,
  });
}

function openTls(server: Server, { certificate }: GatewayOptions, limits: GatewayLimits): TlsPort | undefined {
  if (certificate === undefined) return undefined;
  return openTlsPort(server, { certificate, handshakeMs: limits.headersTimeoutMs });
}

interface Served {
  readonly stages: readonly RunningStage[];
  readonly callbacks: readonly ManagementApiDeps[];
  readonly guard: OriginGuard;
}

function createRequestHandler(
  { stages, callbacks, guard }: Served,
  deps: GatewayDeps,
): (request: IncomingMessage, response: ServerResponse) => void {
  const handleManagementApi = createManagementApi(callbacks);
  return (request, response) => {
    if (guard.refuses(request.headers)) return forbid(response);
    if (handleManagementApi(request, response)) return;
    if (findStage(stages, request) !== undefined) answerJson(response, 426, 'Upgrade Required');
    else if (deps.page !== undefined) deps.page(request, response);
    else forbid(response);
  };
}

/** Answers as API Gateway does for an API or a stage that it does not have. */
function forbid(response: ServerResponse): void {
  response.setHeader('x-amzn-ErrorType', 'ForbiddenException');
  answerJson(response, 403, 'Forbidden');
}

/** Returns the handler of upgrades. The first stage refuses those that are for no stage. */
function createUpgradeHandler(stages: readonly RunningStage[]): Upgrades['handle'] {
  const [first] = stages;
  return (request, socket, head) => {
    const stage = findStage(stages, request) ?? first;
    if (stage === undefined) refuseUpgrade(socket, 403);
    else stage.upgrades.handle(request, socket, head);
  };
}

function findStage(stages: readonly RunningStage[], { url = '/' }: IncomingMessage): RunningStage | undefined {
  return stages.find(({ context }) => isStagePath(url, context.api.stage));
}
