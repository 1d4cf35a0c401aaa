import type { IncomingMessage, ServerResponse } from 'node:http';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { stop as stopBundler } from 'esbuild';
import { loadAssembly } from './assembly/load-assembly.ts';
import { createTables } from './engine/create-tables.ts';
import type { Engine } from './engine/engine.ts';
import { type HeldPort, holdPort } from './engine/free-port.ts';
import { startBuckets } from './engine/start-buckets.ts';
import { startEngine } from './engine/start-engine.ts';
import type { StreamRetention } from './engine/stream-retention.ts';
import { startStreamTrimmer } from './engine/stream-trimmer.ts';
import { startTtlSweeper } from './engine/ttl-sweeper.ts';
import { createExpiredItems } from './expired-items.ts';
import { type Gateway, type GatewayDeps, startGateway } from './gateway/gateway.ts';
import type { GatewayLimits } from './gateway/limits.ts';
import { createKeptLogs, serveKeptLogs } from './kept-logs.ts';
import { startInvokeApi } from './lambda/invoke-api.ts';
import type { LambdaLimits } from './lambda/lambda-limits.ts';
import { createLambdaPool, type LambdaPool } from './lambda/lambda-pool.ts';
import type { ApplicationModel, Terminal } from './model.ts';
import { serveRuntimeInfo } from './runtime-info.ts';
import { createShutdown, type Shutdown } from './shutdown.ts';
import { type Pollers, startPollers } from './start-pollers.ts';
import type { PollTuning } from './streams/poll-tuning.ts';

export interface RuntimeOptions {
  /** A synthesized cloud assembly. */
  readonly assembly: string;
  /** 0: any that is free. */
  readonly port: number;
  /** `dynoxide`, `dynamodb-local`, or the URL of one that runs. */
  readonly engine: string;
  /** Processes that take connections beside the gateway's own; none unless said. */
  readonly edges?: number | undefined;
  /** Where tables, objects and checkpoints are kept between runs. Without it nothing is. */
  readonly dataDirectory?: string | undefined;
  readonly limits?: { readonly gateway?: Partial<GatewayLimits>; readonly lambda?: Partial<LambdaLimits> };
  readonly tuning?: Partial<PollTuning>;
  /** What of the streams is kept. */
  readonly retention?: Partial<StreamRetention>;
}

export interface RuntimeDeps {
  readonly terminal: Terminal;
  readonly page?: (request: IncomingMessage, response: ServerResponse) => void;
  /** Whose end ends the runtime, also while it starts; its own unless given. */
  readonly shutdown?: Shutdown;
  /** Fault injection; see the gateway. */
  readonly interceptCallback?: NonNullable<GatewayDeps['interceptCallback']>;
}

export interface Runtime {
  /** The stage: `ws://127.0.0.1:PORT/STAGE`. */
  readonly url: string;
  readonly port: number;
  /** The same stage, by the edges. */
  readonly edgeUrls: readonly string[];
  readonly application: ApplicationModel;
  readonly endpoints: Endpoints;
  /** Live execution environments of the Lambdas. */
  readonly environments: LambdaPool['environments'];
  /** The engine, when it is a process of ours. */
  readonly engine: Pick<Engine, 'processId' | 'exited'>;
  /** Nothing that was written waits to be handled. */
  readonly idle: () => boolean;
  /** Ends all that was started. */
  readonly stop: () => Promise<void>;
}

interface Endpoints {
  readonly dynamodb: string;
  readonly s3: string;
  readonly lambda: string;
}

/** Starts the application of an assembly: its tables, buckets, functions, streams and its WebSocket API, in this order. */
export async function startRuntime(options: RuntimeOptions, deps: RuntimeDeps): Promise<Runtime> {
  const shutdown = deps.shutdown ?? createShutdown();
  try {
    const logs = createKeptLogs(Date.now);
    const [terminal, page] = [logs.listen(deps.terminal), serveKeptLogs(logs, deps.page)];
    return await start(options, { ...deps, shutdown, terminal, page });
  } catch (error) {
    // A shutdown that was given is run by its owner.
    if (deps.shutdown === undefined) await shutdown.run();
    throw error;
  }
}

interface StartDeps extends RuntimeDeps {
  readonly shutdown: Shutdown;
}

async function start(options: RuntimeOptions, deps: StartDeps): Promise<Runtime> {
  const { shutdown, terminal } = deps;
  // Functions find the gateway's address in their environment, so it is chosen before they are made.
  const held = options.port === 0 ? await holdPort() : heldByNobody(options.port);
  await shutdown.add(held.release);
  const { port } = held;
  const application = loadAssembly(options.assembly, { port });
  const { engine, dynamodb, storage } = await startStorage(application, options, deps);
  const { pool, endpoints } = await startFunctions({ application, storage, limits: options.limits?.lambda }, deps);
  const expired = createExpiredItems();
  const sweeper = startTtlSweeper(application.tables, dynamodb, {
    now: Date.now,
    onDeleted: expired.announce,
    onKept: expired.withdraw,
    terminal,
  });
  await shutdown.add(() => sweeper.stop());
  const pollers = await startPollers(
    { application, endpoints, tuning: options.tuning ?? {}, dataDirectory: options.dataDirectory },
    { dynamodb, invoke: pool.invoke, terminal, wasExpired: expired.take },
  );
  await shutdown.add(() => pollers.stop());
  await trimStreams({ application, engine, pollers, retention: options.retention }, deps);
  // Whatever a function wrote is in the stream by now.
  pool.onInvocationEnd((functionArn) => pollers.wake(functionArn));
  // Its service is a process too, and ends a moment after it is told to: so it is told first.
  await shutdown.add(stopBundler);
  await held.release();
  const { edgePorts } = await openGateway({ ...options, port }, { ...deps, application, pool, endpoints });
  return runtimeOf({ port, edgePorts, application, engine, endpoints, pool, pollers, shutdown });
}

/** Whether a port that was asked for can be had shows when it is used. */
const heldByNobody = (port: number): HeldPort => ({ port, release: async () => undefined });

async function startStorage(application: ApplicationModel, options: RuntimeOptions, { shutdown, terminal }: StartDeps) {
  const kept = options.dataDirectory === undefined ? {} : { dataDirectory: options.dataDirectory };
  const engine = await startEngine({ engine: options.engine, ...kept }, { terminal });
  await shutdown.add(() => engine.stop());
  const dynamodb = new DynamoDBClient({
    endpoint: engine.endpoint,
    region: application.region,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  await shutdown.add(async () => dynamodb.destroy());
  await createTables(application.tables, dynamodb);
  const buckets = await startBuckets(
    application.buckets.map(({ name }) => name),
    kept,
  );
  await shutdown.add(() => buckets.stop());
  return { engine, dynamodb, storage: { dynamodb: engine.endpoint, s3: buckets.endpoint } };
}

interface FunctionsSetup {
  readonly application: ApplicationModel;
  readonly storage: Omit<Endpoints, 'lambda'>;
  readonly limits: Partial<LambdaLimits> | undefined;
}

async function startFunctions(
  { application, storage, limits = {} }: FunctionsSetup,
  { shutdown, terminal }: StartDeps,
) {
  // Listens before there is a pool: the pool's functions find the address in their environment, and nobody else has it.
  const invokeApi = await startInvokeApi(
    { functions: application.functions, limits },
    { invokeJson: (functionArn, payload) => pool.invokeJson(functionArn, payload) },
  );
  const endpoints: Endpoints = { ...storage, lambda: invokeApi.endpoint };
  const pool: LambdaPool = createLambdaPool(
    { ...application, extraEnvironment: environmentOf(endpoints), limits },
    { terminal },
  );
  await shutdown.add(() => pool.close());
  await shutdown.add(() => invokeApi.close());
  return { pool, endpoints };
}

interface Trimming {
  readonly application: ApplicationModel;
  readonly engine: Engine;
  readonly pollers: Pollers;
  readonly retention: Partial<StreamRetention> | undefined;
}

async function trimStreams({ application, engine, pollers, retention = {} }: Trimming, deps: StartDeps): Promise<void> {
  const { databaseFile } = engine;
  if (databaseFile === undefined) return;
  const tables = application.tables.filter(({ streamArn }) => streamArn !== undefined).map(({ name }) => name);
  const { passed } = pollers;
  const { terminal } = deps;
  const trimmer = await startStreamTrimmer({ databaseFile, tables, retention }, { passed, now: Date.now, terminal });
  await deps.shutdown.add(() => trimmer.stop());
}

interface GatewaySetup extends StartDeps {
  readonly application: ApplicationModel;
  readonly pool: LambdaPool;
  readonly endpoints: Endpoints;
}

async function openGateway(
  options: RuntimeOptions,
  { application, pool, shutdown, endpoints, ...deps }: GatewaySetup,
): Promise<Gateway> {
  const { api, region, accountId, outputs } = application;
  const callback = `http://127.0.0.1:${options.port}/${api.stage}`;
  const page = serveRuntimeInfo({ region, endpoints: { ...endpoints, callback }, outputs }, deps.page);
  const gateway = await startGateway(
    { api, region, accountId, port: options.port, limits: options.limits?.gateway ?? {}, edges: options.edges },
    { ...deps, page, invoke: pool.invoke },
  );
  await shutdown.add(() => gateway.close());
  return gateway;
}

/** How the functions' SDK clients find the local services: by the variables that the SDK itself reads. */
const environmentOf = ({ dynamodb, s3, lambda }: Endpoints): Record<string, string> => ({
  AWS_ENDPOINT_URL_DYNAMODB: dynamodb,
  AWS_ENDPOINT_URL_S3: s3,
  AWS_ENDPOINT_URL_LAMBDA: lambda,
});

interface Parts {
  readonly port: number;
  readonly edgePorts: readonly number[];
  readonly application: ApplicationModel;
  readonly engine: Engine;
  readonly endpoints: Endpoints;
  readonly pool: LambdaPool;
  readonly pollers: Pollers;
  readonly shutdown: Shutdown;
}

const runtimeOf = ({ port, edgePorts, application, engine, endpoints, pool, pollers, shutdown }: Parts): Runtime => ({
  url: stageUrl(port, application),
  edgeUrls: edgePorts.map((edgePort) => stageUrl(edgePort, application)),
  port,
  application,
  endpoints,
  engine,
  environments: () => pool.environments(),
  idle: () => pollers.idle(),
  stop: () => shutdown.run(),
});

const stageUrl = (port: number, { api }: ApplicationModel): string => `ws://127.0.0.1:${port}/${api.stage}`;
