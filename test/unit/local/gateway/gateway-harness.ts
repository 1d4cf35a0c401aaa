import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { WebSocket, type ClientOptions } from 'ws';
import { startGateway, type Gateway, type GatewayDeps } from '../../../../local/gateway/gateway.ts';
import type { GatewayLimits } from '../../../../local/gateway/limits.ts';
import type { RouteModel, StageModel, WebSocketApiModel } from '../../../../local/model.ts';
import { RAW_HOST } from './raw-websocket.ts';

/** An event as the scripted functions see it. */
export interface SeenEvent {
  readonly headers?: Record<string, string>;
  readonly multiValueHeaders?: Record<string, string[]>;
  readonly requestContext: Record<string, unknown>;
  readonly body?: string;
}

/** The functions of the application by the end of their ARN. A thrown error becomes a function error. */
type Script = Record<string, (event: SeenEvent) => unknown>;

export interface HarnessOptions {
  readonly script?: Script;
  readonly routes?: readonly RouteModel[];
  readonly api?: Partial<WebSocketApiModel>;
  /** Parts of the stage `live`. */
  readonly stage?: Partial<StageModel>;
  readonly limits?: Partial<GatewayLimits>;
  readonly deps?: Partial<GatewayDeps>;
  /** Processes that accept connections. Clients then connect to the first edge. */
  readonly edges?: number;
  /** Further origins whose web pages are let in. */
  readonly origins?: readonly string[];
}

export interface Harness {
  readonly gateway: Gateway;
  readonly url: string;
  readonly callbackUrl: (connectionId: string) => string;
  readonly warnings: string[];
  /** Returns the events of one function so far, in order. */
  readonly seen: (name: string) => SeenEvent[];
  /** Resolves to the nth event of one function (from 0), as soon as it has arrived. */
  readonly event: (name: string, index?: number) => Promise<SeenEvent>;
}

const started: { harnesses: Gateway[]; sockets: Set<WebSocket | Socket> } = { harnesses: [], sockets: new Set() };

/** Ends everything that the helpers of this file started. */
export async function stopAll(): Promise<void> {
  for (const socket of started.sockets) {
    if ('terminate' in socket) socket.terminate();
    else socket.destroy();
  }
  started.sockets.clear();
  await Promise.all(started.harnesses.splice(0).map((gateway) => gateway.close()));
}

export function route(routeKey: string, functionName: string, more: Partial<RouteModel> = {}): RouteModel {
  const functionArn = `arn:aws:lambda:eu-west-1:123456789012:function:${functionName}`;
  return { routeKey, functionArn, returnsResponse: false, integrationTimeoutMs: 29_000, permitted: true, ...more };
}

/** The routes that most tests need: `echo` answers, `quiet` does not, any other is `fallback`. */
export const ROUTES = [
  route('$connect', 'connect'),
  route('$disconnect', 'disconnect'),
  route('echo', 'echo', { returnsResponse: true }),
  route('quiet', 'quiet'),
];

const DEFAULT_SCRIPT: Script = {
  connect: () => ({ statusCode: 200 }),
  disconnect: () => ({ statusCode: 200 }),
  echo: (event) => ({ statusCode: 200, body: event.body }),
  quiet: () => ({ statusCode: 200 }),
};

export async function startHarness(options: HarnessOptions = {}): Promise<Harness> {
  const script = { ...DEFAULT_SCRIPT, ...options.script };
  const record = createRecord();
  const warnings: string[] = [];
  const gateway = await startGateway(
    {
      api: {
        logicalId: 'Api',
        apiId: 'api123',
        host: 'api123.execute-api.eu-west-1.amazonaws.com',
        routeSelectionExpression: '$request.body.action',
        stages: [{ name: 'live', routes: options.routes ?? ROUTES, ...options.stage }],
        ...options.api,
      },
      region: 'eu-west-1',
      accountId: '123456789012',
      port: 0,
      limits: { shutdownMs: 200, ...options.limits },
      edges: options.edges,
      origins: [`http://${RAW_HOST}`, ...(options.origins ?? [])],
    },
    {
      invoke: async (functionArn, event) => {
        const name = functionArn.slice(functionArn.lastIndexOf(':') + 1);
        const seen = decodeEvent(event);
        record.add(name, seen);
        try {
          return { outcome: 'success', requestId: 'r', payload: await script[name]?.(seen) };
        } catch (error) {
          const errorMessage = error instanceof Error ? error.message : String(error);
          return { outcome: 'function-error', requestId: 'r', errorType: 'Unhandled', errorMessage };
        }
      },
      terminal: { info: () => {}, warn: (message) => warnings.push(message), lambdaLog: () => {} },
      ...options.deps,
    },
  );
  started.harnesses.push(gateway);
  return {
    gateway,
    url: `ws://127.0.0.1:${gateway.edgePorts[0] ?? gateway.port}/live`,
    callbackUrl: (id) => `http://127.0.0.1:${gateway.port}/live/%40connections/${encodeURIComponent(id)}`,
    warnings,
    seen: record.seen,
    event: record.event,
  };
}

function createRecord() {
  const events = new Map<string, SeenEvent[]>();
  const listeners = new Set<() => void>();
  const seen = (name: string): SeenEvent[] => events.get(name) ?? [];
  return {
    seen,
    add: (name: string, event: SeenEvent): void => {
      events.set(name, [...seen(name), event]);
      for (const listener of listeners) listener();
    },
    event: (name: string, index = 0): Promise<SeenEvent> =>
      new Promise((resolve) => {
        const look = (): void => {
          const event = seen(name)[index];
          if (event === undefined) return;
          listeners.delete(look);
          resolve(event);
        };
        listeners.add(look);
        look();
      }),
  };
}

/** The gateway's own events, which the tests inspect. */
function decodeEvent(event: unknown): SeenEvent {
  if (typeof event !== 'object' || event === null || !('requestContext' in event)) throw new Error('not an event');
  const { requestContext } = event;
  if (typeof requestContext !== 'object' || requestContext === null) throw new Error('not an event');
  return { ...event, requestContext: { ...requestContext } };
}

/** A connected client whose frames are read one by one. */
export interface Client {
  readonly ws: WebSocket;
  readonly send: (frame: unknown) => void;
  /** Resolves to the next frame's text. */
  readonly next: () => Promise<string>;
  readonly frames: string[];
  readonly closed: Promise<{ code: number; reason: string }>;
}

export interface ConnectOptions {
  readonly protocols?: string[];
  readonly client?: ClientOptions;
}

export async function openClient(url: string, options: ConnectOptions = {}): Promise<Client> {
  const ws = new WebSocket(url, options.protocols ?? [], { perMessageDeflate: false, ...options.client });
  started.sockets.add(ws);
  const frames: string[] = [];
  let taken = 0;
  ws.on('message', (data) => frames.push(Buffer.isBuffer(data) ? data.toString() : ''));
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    ws.on('close', (code, reason) => resolve({ code, reason: String(reason) }));
  });
  await once(ws, 'open');
  ws.on('error', () => {});
  return {
    ws,
    frames,
    closed,
    send: (frame) => ws.send(typeof frame === 'string' ? frame : JSON.stringify(frame)),
    next: async () => {
      while (frames[taken] === undefined) await once(ws, 'message');
      taken += 1;
      return frames[taken - 1] ?? '';
    },
  };
}

/** Opens a connection, and returns its id as `$connect` saw it. */
export async function openKnown(harness: Harness, query = ''): Promise<Client & { id: string }> {
  const index = harness.seen('connect').length;
  const client = await openClient(harness.url + query);
  const { requestContext } = await harness.event('connect', index);
  return { ...client, id: String(requestContext['connectionId']) };
}

/** Returns the HTTP status with which an upgrade is refused. */
export async function refusedStatus(url: string, client: ClientOptions = {}): Promise<number> {
  const ws = new WebSocket(url, client);
  ws.on('error', () => {});
  return new Promise((resolve, reject) => {
    ws.on('unexpected-response', (_request, response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    ws.on('open', () => {
      ws.terminate();
      reject(new Error('the upgrade was accepted'));
    });
  });
}

/** Opens a raw TCP socket to the gateway, for bytes that no WebSocket library would send. */
export async function openRaw(harness: Harness): Promise<Socket> {
  const socket = connect(harness.gateway.port, '127.0.0.1');
  socket.on('error', () => {});
  started.sockets.add(socket);
  await once(socket, 'connect');
  return socket;
}

/** A promise and the means to resolve it. */
export function gate<T = void>(): { wait: Promise<T>; open: (value: T) => void } {
  const { promise, resolve } = Promise.withResolvers<T>();
  return { wait: promise, open: resolve };
}
