import { join } from 'node:path';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import {
  type ApplicationModel,
  type Invoke,
  type EventSourceMappingModel,
  type QueueMappingModel,
  type Terminal,
} from './model.ts';
import type { WrittenTables } from './iam/written-tables.ts';
import type { CallService } from './integrations/run-templated.ts';
import type { QueueStore } from './engine/start-buckets.ts';
import { type RunningQueueMapping, startQueuePoller } from './queues/queue-poller.ts';
import { sendToQueue } from './queues/send-to-queue.ts';
import { type CheckpointStore, createMemoryCheckpoints, openFileCheckpoints } from './streams/checkpoints.ts';
import {
  changeWaitMs,
  readersOf,
  type SharedDeps,
  type Started,
  type StartedMapping,
  startMapping,
} from './start-mapping.ts';
import type { MappingDeps, RunningMapping } from './streams/event-source-mapping.ts';
import { openDirectWay } from './streams/get-records.ts';
import type { PollTuning } from './streams/poll-tuning.ts';
import { type MappingControl, SwitchedMapping } from './switched-mapping.ts';

/** The options of the stream pollers. */
export interface PollersOptions {
  readonly application: ApplicationModel;
  readonly endpoints: { readonly dynamodb: string; readonly s3: string };
  readonly tuning: Partial<PollTuning>;
  /** The directory that keeps the checkpoints. Default: they are in memory. */
  readonly dataDirectory?: string | undefined;
}

/** The dependencies of the stream pollers. */
export interface PollersDeps {
  readonly dynamodb: DynamoDBClient;
  readonly invoke: Invoke;
  /** Calls the targets of pipes. */
  readonly callService: CallService;
  readonly terminal: Terminal;
  readonly queues: QueueStore;
  /** Adds a reader of TTL deletions: each mapping has to see each of them once. */
  readonly addExpiryReader: () => MappingDeps['wasExpired'];
}

/** The state of an event source mapping. */
export interface MappingState {
  readonly logicalId: string;
  readonly functionName: string;
  /** The table or queue that it reads. */
  readonly source: string;
  readonly enabled: boolean;
  /** The stream sequence number up to which everything is done. Absent where there is none. */
  readonly position?: string | undefined;
  /** The number of records that were read and are not done. */
  readonly waiting: number;
  /** The time in epoch ms at which the first of them was read. */
  readonly waitingSinceMs: number | undefined;
}

/** The running event source mappings of the application. */
export interface Pollers {
  /** Reports that something was written to tables. */
  readonly wake: (tables: WrittenTables) => void;
  readonly idle: () => boolean;
  /**
   * Returns the stream sequence number up to which every mapping of a table is done; undefined if no mapping of the
   * table waits for records.
   */
  readonly passed: (tableName: string) => bigint | undefined;
  /** Returns the state of each mapping, in the order of the template. */
  readonly states: () => readonly MappingState[];
  /** The mappings as Lambda's API shows and changes them. */
  readonly controls: readonly MappingControl[];
  readonly stop: () => Promise<void>;
}

/** Deadline in ms of one request to the engine's streams, 5,000. The engine answers in milliseconds. */
const STREAM_REQUEST_MS = 5_000;

/** The credentials of the local clients. The engine and the buckets require some and check none. */
const CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' } as const;

/** Starts every event source mapping of the template against the engine's streams. */
export async function startPollers(options: PollersOptions, deps: PollersDeps): Promise<Pollers> {
  const { application, endpoints } = options;
  const streams = new DynamoDBStreamsClient({
    // The poller retries by itself for as long as the engine is away. A hung call must end to be noticed.
    maxAttempts: 1,
    requestHandler: { requestTimeout: STREAM_REQUEST_MS, throwOnRequestTimeout: true },
    endpoint: endpoints.dynamodb,
    region: application.region,
    credentials: CREDENTIALS,
  });
  const direct = openDirectWay({
    endpoint: endpoints.dynamodb,
    region: application.region,
    timeoutMs: STREAM_REQUEST_MS,
  });
  const s3 = new S3Client({
    endpoint: endpoints.s3,
    region: application.region,
    credentials: CREDENTIALS,
    forcePathStyle: true,
  });
  const mappingDeps: SharedDeps = {
    ...deps,
    sendToQueue: sendToQueue(deps.queues),
    streams,
    getRecords: direct.getRecords,
    putFailure: async ({ bucket, key, body }) =>
      void (await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body }))),
    checkpoints: await openCheckpoints(options.dataDirectory, deps.terminal),
  };
  const fromQueues = application.queueMappings.map((mapping) => startQueue(mapping, { application, deps }));
  const mappings: StartedMapping[] = [];
  for (const reader of readersOf(application, deps))
    mappings.push(await startMapping({ ...reader, options, deps, mappingDeps }));
  return {
    wake: (tables) => {
      for (const { source, switched } of mappings)
        if (tables === 'any' || tables.includes(source)) switched.running.wake();
    },
    idle: () => [...mappings, ...fromQueues].every(({ switched }) => switched.running.idle()),
    passed: (tableName) => lowestOf(mappings.filter(({ source }) => source === tableName)),
    states: () => [...mappings, ...fromQueues].map(stateOf),
    // A pipe is none of Lambda's mappings.
    controls: [...mappings.slice(0, application.mappings.length), ...fromQueues].map(({ switched }) => switched),
    stop: async () => {
      await Promise.all([...mappings, ...fromQueues].map(({ switched }) => switched.stop()));
      streams.destroy();
      direct.destroy();
      s3.destroy();
    },
  };
}

/** A mapping of either kind as its state is told. */
interface ToldMapping {
  readonly switched: {
    readonly model: Pick<EventSourceMappingModel, 'logicalId' | 'enabled'>;
    readonly running: Pick<RunningMapping, 'backlog'> & Partial<Pick<RunningMapping, 'passed'>>;
  };
  readonly functionName: string;
  readonly source: string;
}

function startQueue(
  mapping: QueueMappingModel,
  { application, deps }: { readonly application: ApplicationModel; readonly deps: PollersDeps },
): Started<QueueMappingModel, RunningQueueMapping> {
  const { functions, queues, region } = application;
  const target = functions.find(({ arn }) => arn === mapping.functionArn);
  const start = (model: QueueMappingModel, invoke: Invoke) =>
    startQueuePoller(model, { ...deps, invoke, region, now: Date.now });
  return {
    switched: new SwitchedMapping(
      { model: mapping, waitMs: changeWaitMs(target) },
      { invoke: deps.invoke, now: Date.now, start },
    ),
    functionName: target?.name ?? '',
    source: queues.find(({ arn }) => arn === mapping.queueArn)?.name ?? '',
  };
}

function stateOf({ switched, functionName, source }: ToldMapping): MappingState {
  const { model, running } = switched;
  const { records, sinceMs } = running.backlog();
  return {
    logicalId: model.logicalId,
    functionName,
    source,
    enabled: model.enabled,
    position: running.passed?.()?.toString(),
    waiting: records,
    waitingSinceMs: sinceMs,
  };
}

function lowestOf(mappings: readonly StartedMapping[]): bigint | undefined {
  const [first, ...others] = mappings
    .map(({ switched }) => switched.running.passed())
    .filter((passed) => passed !== undefined);
  return others.reduce<bigint | undefined>(
    (lowest, passed) => (lowest === undefined || passed < lowest ? passed : lowest),
    first,
  );
}

const openCheckpoints = (directory: string | undefined, terminal: Terminal): Promise<CheckpointStore> =>
  directory === undefined
    ? Promise.resolve(createMemoryCheckpoints())
    : openFileCheckpoints(join(directory, 'checkpoints.json'), { terminal });
