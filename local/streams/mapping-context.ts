import type { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import type { Invoke, EventSourceMappingModel, TableModel, Terminal } from '../model.ts';
import type { SendToQueue } from '../queues/send-to-queue.ts';
import type { CheckpointStore, MappingKey } from './checkpoints.ts';
import type { StreamClock } from './clock.ts';
import type { EnginePresence } from './engine-errors.ts';
import type { RecordFilter } from './filter-pattern.ts';
import type { GetRecords } from './get-records.ts';
import type { PollTuning } from './poll-tuning.ts';

/** The values that all parts of a running mapping share. */
export interface MappingContext {
  readonly mapping: EventSourceMappingModel;
  readonly key: MappingKey;
  readonly functionName: string;
  readonly tableName: string;
  readonly streamViewType?: TableModel['streamViewType'] | undefined;
  readonly region: string;
  readonly tuning: PollTuning;
  readonly streams: DynamoDBStreamsClient;
  readonly getRecords: GetRecords;
  readonly invoke: Invoke;
  readonly putFailure: (object: { bucket: string; key: string; body: string }) => Promise<void>;
  /** Sends a record to the queue of the failure destination. */
  readonly sendToQueue: SendToQueue;
  readonly terminal: Terminal;
  readonly wasExpired: (tableName: string, keys: unknown) => boolean;
  readonly checkpoints: CheckpointStore;
  readonly clock: StreamClock;
  readonly random: () => number;
  readonly randomUUID: () => string;
  readonly accepts: RecordFilter;
  readonly presence: EnginePresence;
  /** Aborted when the mapping stops: no new reads and invocations. */
  readonly stopping: AbortSignal;
  /** Aborted when the wait of `stop` is over. An invocation that ends after that counts as not done. */
  readonly ended: AbortSignal;
}
