import type { BuildAppOptions } from 'fauxqs';
import {
  type AuthorizeBuckets,
  listInByteOrder,
  refuseExisting,
  refuseUnauthorized,
  refuseWebPages,
} from './bucket-rules.ts';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { QueueModel, TopicModel } from '../model.ts';
import { createTopics } from './create-topics.ts';
import { boundQueues, refuseOverLimit } from './bound-queues.ts';
import { type AuthorizeQueue, findQueuesOfAnyAccount, localQueueUrl, refuseQueueCalls } from './queue-rules.ts';
import { createOriginGuard } from '../origin-guard.ts';

type Stores = NonNullable<BuildAppOptions['stores']>;
type BucketStore = Stores['s3Store'];

/** The queues of the running service. */
export type QueueStore = Stores['sqsStore'];

/** The HTTP status for a bucket that exists already, in kept data. */
const CONFLICT_STATUS = 409;

/** The running services of S3 and SQS. */
export interface Buckets {
  readonly endpoint: string;
  /** The queues, for what Lambda does with them. */
  readonly queues: QueueStore;
  stop(): Promise<void>;
}

/** The options of the services. */
export interface BucketsOptions {
  readonly dataDirectory?: string;
  readonly authorize?: AuthorizeBuckets;
  readonly queues?: readonly QueueModel[];
  readonly topics?: readonly TopicModel[];
  readonly authorizeQueue?: AuthorizeQueue;
  /** Messages of a queue that may be in flight. Default: as many as on AWS. */
  readonly inFlightMaximum?: number | undefined;
  /** Receives what a user should know. Default: nobody is told. */
  readonly warn?: (line: string) => void;
}

/**
 * Serves S3 buckets and SQS queues in this process. With a data directory, objects are kept there as files; messages
 * are in memory. Needs Node 22.5.
 */
export async function startBuckets(names: readonly string[], options: BucketsOptions): Promise<Buckets> {
  // Imported late: loading it takes time and needs a recent Node.
  const { buildApp } = await import('fauxqs');
  const { dataDirectory, authorize, queues = [], topics = [], authorizeQueue, warn = () => undefined } = options;
  const { stores, close } = await openStores(dataDirectory && join(dataDirectory, 'buckets'));
  const app = buildApp({ logger: false, stores });
  listInByteOrder(stores.s3Store);
  const ports = new Set<number>();
  refuseWebPages(app, createOriginGuard({ ports }));
  if (authorize !== undefined) refuseUnauthorized(app, authorize);
  if (authorizeQueue !== undefined) refuseQueueCalls(app, authorizeQueue);
  refuseOverLimit(app, stores.sqsStore, options.inFlightMaximum);
  refuseExisting(app, stores.s3Store);
  boundQueues(stores.sqsStore, { warn, inFlightMaximum: options.inFlightMaximum });
  findQueuesOfAnyAccount(stores.sqsStore);
  const endpoint = await app.listen({ host: '127.0.0.1', port: 0 });
  for (const { name, arn, attributes } of queues) {
    stores.sqsStore.createQueue(name, localQueueUrl(endpoint, arn), arn, { ...attributes });
  }
  createTopics(stores.snsStore, topics);
  ports.add(Number(new URL(endpoint).port));
  for (const name of names) await createBucket(endpoint, name);
  const stop = async (): Promise<void> => {
    stores.sqsStore.shutdown();
    await app.close();
    close();
  };
  return { endpoint, queues: stores.sqsStore, stop };
}

async function createBucket(endpoint: string, name: string): Promise<void> {
  const response = await fetch(`${endpoint}/${name}`, { method: 'PUT' });
  if (response.ok || response.status === CONFLICT_STATUS) return;
  throw new Error(`the bucket ${name} could not be created: ${response.status} ${await response.text()}`);
}

interface OpenStores {
  readonly stores: Stores;
  readonly close: () => void;
}

interface FilePersistence {
  readonly loadS3: (store: BucketStore) => void;
  readonly close: () => void;
}

/**
 * Opens the stores of a server, which keep objects in a directory if one is given. The package's own `startFauxqs`
 * keeps data too, but it listens on all interfaces, and would offer an open S3 to the network. Its parts are not
 * exported, so they are loaded by path; the version is pinned.
 */
async function openStores(directory: string | undefined): Promise<OpenStores> {
  const parts = await locateParts();
  const { SqsStore }: { SqsStore: new () => Stores['sqsStore'] } = await import(parts('sqs/sqsStore.js'));
  const { SnsStore }: { SnsStore: new () => Stores['snsStore'] } = await import(parts('sns/snsStore.js'));
  const { S3Store }: { S3Store: new () => BucketStore } = await import(parts('s3/s3Store.js'));
  const { FileS3Persistence }: { FileS3Persistence: new (directory: string) => FilePersistence & Persistence } =
    await import(parts('s3/fileS3Persistence.js'));
  const s3Store = new S3Store();
  const stores = { sqsStore: new SqsStore(), snsStore: new SnsStore(), s3Store };
  if (directory === undefined) return { stores, close: () => undefined };
  const persistence = new FileS3Persistence(directory);
  // Before the store has its persistence, or loading would write each file again.
  persistence.loadS3(s3Store);
  s3Store.persistence = persistence;
  return { stores, close: () => persistence.close() };
}

type Persistence = NonNullable<BucketStore['persistence']>;

async function locateParts(): Promise<(path: string) => string> {
  const { findPackageJSON } = await import('node:module');
  const description = findPackageJSON('fauxqs', import.meta.url);
  if (description === undefined) throw new Error('the package fauxqs is not installed');
  return (path) => pathToFileURL(join(dirname(description), 'dist', path)).href;
}
