import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { stop as stopBundler } from 'esbuild';
import { type AssemblyOptions, openAssembly } from './assembly/load-assembly.ts';
import { createTables } from './engine/create-tables.ts';
import type { Endpoints } from './endpoints.ts';
import type { Engine } from './engine/engine.ts';
import type { HeldPort } from './ports.ts';
import { startBuckets } from './engine/start-buckets.ts';
import { startEngine } from './engine/start-engine.ts';
import type { StreamRetention } from './engine/stream-trimmer.ts';
import type { FaultPlan } from './faults/fault.ts';
import type { GatewayDeps } from './gateway/gateway.ts';
import type { GatewayLimits } from './gateway/limits.ts';
import { createKeptLogs, type KeptLogs, serveKeptLogs } from './kept-logs.ts';
import { createAccessControl } from './iam/access-control.ts';
import { beginLoading } from './iam/evaluate.ts';
import type { LambdaLimits } from './lambda/lambda-limits.ts';
import type { LambdaPool } from './lambda/lambda-pool.ts';
import type { ApplicationModel, Terminal } from './model.ts';
import { openGateways } from './open-gateways.ts';
import { holdPorts } from './hold-ports.ts';
import type { Page } from './page.ts';
import type { StageInfo } from './runtime-info.ts';
import { createServiceSeams, type ServiceSeams } from './service-seams.ts';
import { createShutdown, type Shutdown } from './shutdown.ts';
import { makeRunDirectory } from './run-directory.ts';
import { openTls } from './open-tls.ts';
import type { Pollers } from './start-pollers.ts';
import { startWork } from './start-work.ts';
import type { PollTuning } from './streams/poll-tuning.ts';
import { createObservations, type Observations } from './view/observations.ts';
import { openView } from './view/open-view.ts';

/** The options of a runtime. */
export interface RuntimeOptions extends AssemblyOptions {
  /** The directory of a synthesized cloud assembly, or the file of a template. */
  readonly assembly: string;
  /** The port of the first API, of the page and of the runtime's own information. 0: any free port. */
  readonly port: number;
  /** `dynoxide`, `dynamodb-local`, or the URL of a running engine. */
  readonly engine: string;
  /** Processes that accept connections in addition to the gateway. Default: 0. */
  readonly edges?: number | undefined;
  /** Further origins whose web pages may use the runtime. Default: its own page only, and tools. */
  readonly origins?: readonly string[] | undefined;
  /** The directory that keeps tables, objects and checkpoints between runs. Default: nothing is kept. */
  readonly dataDirectory?: string | undefined;
  readonly limits?: { readonly gateway?: Partial<GatewayLimits>; readonly lambda?: Partial<LambdaLimits> };
  readonly tuning?: Partial<PollTuning>;
  /** The calls that fail. Default: none does. */
  readonly faults?: FaultPlan | undefined;
  /** The retention of the streams' records. */
  readonly retention?: Partial<StreamRetention>;
}

/** The dependencies of a runtime. */
export interface RuntimeDeps {
  readonly terminal: Terminal;
  readonly page?: Page;
  /** The shutdown that stops the runtime, also while it starts. Default: the runtime's own. */
  readonly shutdown?: Shutdown;
  /** The first port, if the caller has chosen and held it. Default: the options' port. */
  readonly heldPort?: HeldPort | undefined;
  /** Called before each step of the start, with what is done in it: on a busy machine the start takes a minute. */
  readonly onStep?: (step: string) => void;
  /** Creates the judge of what functions may do. Default: by the template's policies. For a bench of its cost. */
  readonly createAccess?: typeof createAccessControl;
  /** Fault injection: see `GatewayDeps`. */
  readonly interceptCallback?: NonNullable<GatewayDeps['interceptCallback']>;
}

/** A running application. */
export interface Runtime {
  /** The URL of the first stage, `ws://127.0.0.1:PORT/STAGE`; of the page where there is no WebSocket API. */
  readonly url: string;
  readonly port: number;
  /** All stages of all WebSocket APIs. */
  readonly stages: readonly StageInfo[];
  /** The URLs of the first stages of the APIs at the edges. */
  readonly edgeUrls: readonly string[];
  readonly application: ApplicationModel;
  readonly endpoints: Endpoints;
  /** Returns the live execution environments of all functions. */
  readonly environments: LambdaPool['environments'];
  /** The engine's process, if the runtime started it. */
  readonly engine: Pick<Engine, 'processId' | 'exited'>;
  /** Returns whether every written record has been handled. */
  readonly idle: () => boolean;
  /** Stops everything that was started. */
  readonly stop: () => Promise<void>;
}

/** Starts the application of an assembly: its tables, buckets, functions, streams and WebSocket APIs, in this order. */
export async function startRuntime(options: RuntimeOptions, deps: RuntimeDeps): Promise<Runtime> {
  const shutdown = deps.shutdown ?? createShutdown();
  try {
    const [logs, observations] = [createKeptLogs(Date.now), createObservations(Date.now)];
    const terminal = observations.listen(logs.listen(deps.terminal));
    const page = serveKeptLogs(logs, deps.page);
    return await start(options, { onStep: () => undefined, ...deps, shutdown, terminal, page, logs, observations });
  } catch (error) {
    // The caller runs the shutdown that it passed in.
    if (deps.shutdown === undefined) await shutdown.run();
    throw error;
  }
}

interface StartDeps extends RuntimeDeps {
  readonly shutdown: Shutdown;
  readonly onStep: (step: string) => void;
  readonly page: Page;
  readonly logs: KeptLogs;
  readonly observations: Observations;
}

async function start(options: RuntimeOptions, deps: StartDeps): Promise<Runtime> {
  const { shutdown, terminal } = deps;
  deps.onStep('reading the template');
  const assembly = openAssembly(options.assembly, { notice: terminal.warn, ...options });
  // The functions' environment contains the gateways' addresses, so the ports are chosen first.
  const held = await holdPorts(assembly.portCount, { port: options.port, heldPort: deps.heldPort });
  await shutdown.add(held.release);
  const [port] = held.ports;
  const application = assembly.load(held.ports);
  const runDirectory = await makeRunDirectory(shutdown);
  const tls = await openTls(application, runDirectory);
  const { createAccess = createAccessControl } = deps;
  const access = createAccess(application, terminal, deps.observations.onDenied);
  beginLoading(terminal.warn);
  const seams = createServiceSeams(application, access, options.faults);
  const { engine, dynamodb, queues, storage } = await startStorage({ application, seams, options }, deps);
  const { pool, endpoints, pollers, callService } = await startWork(
    { application, access, seams, storage, runDirectory, network: tls.network, engine, dynamodb, queues, options },
    deps,
  );
  // esbuild's service is a process that takes a moment to end, so it is stopped first.
  await shutdown.add(stopBundler);
  await held.release();
  deps.onStep('starting the gateway');
  const { limits, edges, origins, dataDirectory } = options;
  const { stages, edgeUrls } = await openGateways(
    {
      application,
      endpoints,
      certificate: tls.certificate,
      options: { port, limits: limits?.gateway ?? {}, edges, origins, dataDirectory },
    },
    {
      ...deps,
      ...openView({ application, dynamodb, pool, pollers }, deps),
      invoke: pool.invoke,
      callService,
      invokeJson: pool.invokeJson,
      authorizeCallback: seams.authorizeCallback,
      authorizeUrl: seams.authorizeUrl,
      authorizeConnect: seams.authorizeConnect,
      interceptCallback: deps.interceptCallback ?? seams.interceptCallback,
    },
  );
  return runtimeOf({ port, stages, edgeUrls, application, engine, endpoints, pool, pollers, shutdown });
}

interface StorageSetup {
  readonly application: ApplicationModel;
  readonly seams: ServiceSeams;
  readonly options: RuntimeOptions;
}

async function startStorage({ application, seams, options }: StorageSetup, { shutdown, terminal, onStep }: StartDeps) {
  onStep(`starting the engine ${options.engine}`);
  const kept = options.dataDirectory === undefined ? {} : { dataDirectory: options.dataDirectory };
  const engine = await startEngine({ engine: options.engine, ...kept }, { terminal });
  await shutdown.add(() => engine.stop());
  const dynamodb = new DynamoDBClient({
    endpoint: engine.endpoint,
    region: application.region,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  await shutdown.add(async () => dynamodb.destroy());
  onStep(`creating ${application.tables.length} tables and ${application.buckets.length} buckets`);
  await createTables(application.tables, dynamodb);
  const buckets = await startBuckets(
    application.buckets.map(({ name }) => name),
    {
      ...kept,
      authorize: seams.authorizeBuckets,
      queues: application.queues,
      topics: application.topics,
      authorizeQueue: seams.authorizeQueues,
      warn: terminal.warn,
    },
  );
  await shutdown.add(() => buckets.stop());
  // S3 and SQS are one server.
  const storage = { dynamodb: engine.endpoint, s3: buckets.endpoint, sqs: buckets.endpoint };
  return { engine, dynamodb, queues: buckets.queues, storage };
}

interface Parts {
  readonly port: number;
  readonly stages: readonly StageInfo[];
  readonly edgeUrls: readonly string[];
  readonly application: ApplicationModel;
  readonly engine: Engine;
  readonly endpoints: Endpoints;
  readonly pool: LambdaPool;
  readonly pollers: Pollers;
  readonly shutdown: Shutdown;
}

const runtimeOf = ({ engine, pool, pollers, shutdown, ...parts }: Parts): Runtime => ({
  ...parts,
  url: parts.stages[0]?.url ?? `http://127.0.0.1:${parts.port}/`,
  engine,
  environments: () => pool.environments(),
  idle: () => pollers.idle(),
  stop: () => shutdown.run(),
});
