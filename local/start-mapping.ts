import { DescribeTableCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  type ApplicationModel,
  type EventSourceMappingModel,
  type FunctionModel,
  type Invoke,
  RuntimeSetupError,
} from './model.ts';
import { sendToTarget, type TargetDeps } from './pipes/send-to-target.ts';
import { type MappingDeps, type RunningMapping, startEventSourceMapping } from './streams/event-source-mapping.ts';
import type { PollTuning } from './streams/poll-tuning.ts';
import { SwitchedMapping } from './switched-mapping.ts';

/** Real time that an invocation may take on a busy machine, as a multiple of its function's timeout. */
const TIMEOUT_STRETCH = 4;

/** The dependencies that all readers of streams share. */
export type SharedDeps = Omit<MappingDeps, 'wasExpired'>;

/** A mapping with the names by which its state is told. */
export interface Started<Model extends { readonly enabled: boolean }, Running extends { stop: () => Promise<void> }> {
  readonly switched: SwitchedMapping<Model, Running>;
  readonly functionName: string;
  readonly source: string;
}

/** A started reader of a stream. */
export type StartedMapping = Started<EventSourceMappingModel, RunningMapping>;

/** A reader of a stream: the function of a mapping, or a pipe. */
interface Reader {
  readonly mapping: EventSourceMappingModel;
  readonly functionName: string | undefined;
  readonly invoke: Invoke;
  /** Time in ms that a change waits for invocations in flight. */
  readonly waitMs: number;
}

/** Lists the readers of the application's streams: its mappings, and after them its pipes. */
export function readersOf(
  { mappings, functions, pipes }: ApplicationModel,
  { invoke, ...deps }: TargetDeps & { readonly invoke: Invoke },
): readonly Reader[] {
  const ofFunctions = mappings.map((mapping) => {
    const target = functions.find(({ arn }) => arn === mapping.functionArn);
    return { mapping, functionName: target?.name, invoke, waitMs: changeWaitMs(target) };
  });
  const ofPipes = pipes.map((pipe) => ({
    mapping: pipe.source,
    functionName: pipe.name,
    invoke: sendToTarget(pipe, deps),
    waitMs: 0,
  }));
  return [...ofFunctions, ...ofPipes];
}

/** A reader to start, and what it needs. */
interface Start extends Reader {
  readonly options: { readonly application: ApplicationModel; readonly tuning: Partial<PollTuning> };
  readonly deps: {
    readonly dynamodb: DynamoDBClient;
    /** Adds a reader of TTL deletions: each mapping has to see each of them once. */
    readonly addExpiryReader: () => MappingDeps['wasExpired'];
  };
  readonly mappingDeps: SharedDeps;
}

/** Starts a reader at its place in its stream. Throws RuntimeSetupError where the stream is not there. */
export async function startMapping({
  mapping,
  functionName,
  invoke,
  waitMs,
  ...start
}: Start): Promise<StartedMapping> {
  const { options: setup, deps, mappingDeps } = start;
  const { application, tuning } = setup;
  const table = application.tables.find(({ streamArn }) => streamArn === mapping.streamArn);
  if (table === undefined || functionName === undefined) {
    throw new RuntimeSetupError(`${mapping.logicalId}: its stream or its function is not in this template`);
  }
  const { Table } = await deps.dynamodb.send(new DescribeTableCommand({ TableName: table.name }));
  const engineStreamArn = Table?.LatestStreamArn;
  if (engineStreamArn === undefined) throw new RuntimeSetupError(`the table ${table.name} has no stream in the engine`);
  // One for all starts of the mapping, so that nothing is forgotten while it is disabled.
  const wasExpired = deps.addExpiryReader();
  const { region } = application;
  const options = { functionName, tableName: table.name, engineStreamArn, region, tuning };
  const begin = (model: EventSourceMappingModel, invokeHere: Invoke) =>
    startEventSourceMapping(
      { ...options, mapping: model, streamViewType: table.streamViewType },
      { ...mappingDeps, invoke: invokeHere, wasExpired },
    );
  const switched = new SwitchedMapping({ model: mapping, waitMs }, { invoke, now: Date.now, start: begin });
  return { switched, source: table.name, functionName };
}

/** Returns the time in ms that a change waits for invocations: until the last one is done or has timed out. */
export const changeWaitMs = (target: FunctionModel | undefined): number =>
  (target?.timeoutSeconds ?? 0) * 1_000 * TIMEOUT_STRETCH;
