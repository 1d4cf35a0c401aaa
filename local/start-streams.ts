import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Endpoints } from './endpoints.ts';
import type { Engine } from './engine/engine.ts';
import type { QueueStore } from './engine/start-buckets.ts';
import { createExpiredItems } from './engine/expired-items.ts';
import { startStreamTrimmer, type StreamRetention } from './engine/stream-trimmer.ts';
import { startTtlSweeper } from './engine/ttl-sweeper.ts';
import type { EngineGuard } from './iam/engine-guard.ts';
import type { CallService } from './integrations/run-templated.ts';
import type { LambdaPool } from './lambda/lambda-pool.ts';
import type { ApplicationModel, Terminal } from './model.ts';
import type { Shutdown } from './shutdown.ts';
import { type Pollers, startPollers } from './start-pollers.ts';
import type { PollTuning } from './streams/poll-tuning.ts';

/** The parts of a runtime between which records flow. */
export interface StreamsSetup {
  readonly application: ApplicationModel;
  readonly engine: Engine;
  readonly dynamodb: DynamoDBClient;
  readonly queues: QueueStore;
  readonly endpoints: Endpoints;
  readonly pool: Pick<LambdaPool, 'invoke'>;
  readonly onWritten: EngineGuard['onWritten'];
  /** Calls the targets of pipes. */
  readonly callService: CallService;
  readonly options: {
    readonly tuning?: Partial<PollTuning>;
    readonly dataDirectory?: string | undefined;
    readonly retention?: Partial<StreamRetention>;
  };
}

/** The dependencies of streams. */
export interface StreamsDeps {
  readonly shutdown: Shutdown;
  readonly terminal: Terminal;
}

/** Starts what makes change records, by TTL, and what reads them. */
export async function startStreams(streams: StreamsSetup, deps: StreamsDeps): Promise<Pollers> {
  const { application, engine, dynamodb, queues, endpoints, pool, onWritten, callService, options } = streams;
  const { shutdown, terminal } = deps;
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
    { dynamodb, queues, invoke: pool.invoke, callService, terminal, addExpiryReader: expired.addReader },
  );
  await shutdown.add(() => pollers.stop());
  await trimStreams({ application, engine, pollers, retention: options.retention }, deps);
  // When a write is answered, its change is in the stream.
  onWritten(pollers.wake);
  return pollers;
}

interface Trimming {
  readonly application: ApplicationModel;
  readonly engine: Engine;
  readonly pollers: Pollers;
  readonly retention: Partial<StreamRetention> | undefined;
}

async function trimStreams(
  { application, engine, pollers, retention = {} }: Trimming,
  deps: StreamsDeps,
): Promise<void> {
  const { databaseFile } = engine;
  if (databaseFile === undefined) return;
  const tables = application.tables.filter(({ streamArn }) => streamArn !== undefined).map(({ name }) => name);
  const { passed } = pollers;
  const { terminal } = deps;
  const trimmer = await startStreamTrimmer({ databaseFile, tables, retention }, { passed, now: Date.now, terminal });
  await deps.shutdown.add(() => trimmer.stop());
}
