import { randomUUID } from 'node:crypto';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { ENVIRONMENT, readAuth, readJson, readSwitch, requiredText, SCHEMAS_FILE } from '../shared/config.ts';
import { createTopicWriter, type TopicWriter } from '../shared/publish/topic-writer.ts';
import { createFloodWatch } from '../shared/rates/flood-watch.ts';
import { createRateLimiter, type RateLimiterDeps, type TakeRate } from '../shared/rates/rate-limiter.ts';
import { type RateLimits, readRateLimits } from '../shared/rates/rate-limits.ts';
import { createGate, type Gate } from './gate.ts';
import { createFrameLimits, createSubjectLimits, type FrameLimits, type SubjectLimits } from './frame-limits.ts';
import { STORE_BOUNDS } from '../shared/store/bounds.ts';
import { createClient, createUnretriedClient } from '../shared/store/client.ts';
import { noteFlood } from '../shared/store/connection-end.ts';
import { type HistoryRange, requestHistory } from '../shared/store/history-request.ts';
import type { ConnectionRef } from '../shared/store/connection-record.ts';
import type { SubscriberStoreDeps } from '../shared/store/subscribers.ts';
import { takeFromBucket } from '../shared/store/shared-bucket.ts';
import { createShardDirectory } from '../shared/store/shard-directory.ts';
import { createSubscriptionStore, type SubscriptionStore } from '../shared/store/subscriptions.ts';
import { createTopicStore, type TopicStore, type TopicStoreDeps } from '../shared/store/topics.ts';
import { traceIdIn } from '../shared/store/trace-id.ts';
import { type Definitions, readDefinitions } from '../shared/topics/read-definitions.ts';
import { type FindTopicSettings, readTopicSettings, topicSettingsFinder } from '../shared/topics/topic-settings.ts';

/**
 * Opens the write side of topics. This file is the composition root of the routes: the only place where their AWS
 * clients are created and their environment is read. A Lambda opens, at cold start, only the stores that it uses.
 */
export function openTopicStore(options: Pick<TopicStoreDeps, 'keySeconds'> = {}): TopicStore {
  // Writes with a key alone need this client, and a client costs time at a cold start.
  let client: DynamoDBClient | undefined;
  return createTopicStore({
    ...options,
    get client() {
      return (client ??= createClient());
    },
    unretriedClient: createUnretriedClient(),
    topicsTable: requiredText(ENVIRONMENT.topicsTable),
    keysTable: requiredText(ENVIRONMENT.keysTable),
    now: Date.now,
    newEpoch,
    // Lambda sets this variable for each invocation; an environment runs one invocation at a time.
    traceId: () => traceIdIn(process.env['_X_AMZN_TRACE_ID']),
  });
}

/**
 * Opens what a route publishes and counts by: the write side of topics behind the checks that the stack has for them.
 * Resolves at cold start, once the schemas of the deployment are loaded, if there are any.
 */
export async function openTopicWriter(): Promise<TopicWriter> {
  const settingsOf = openTopicSettings();
  return createTopicWriter({
    store: openTopicStore(),
    definitions: await loadDefinitions(),
    mustExist: (topic) => settingsOf(topic).create === 'server',
  });
}

/** Returns the name of a new epoch of a topic. */
export const newEpoch = (): string => randomUUID().slice(0, 8);

/** Opens the settings of topics. A stack without any has no such variable. */
export function openTopicSettings(): FindTopicSettings {
  const setting = readJson(ENVIRONMENT.topicSettings);
  return topicSettingsFinder(setting === undefined ? undefined : readTopicSettings(setting));
}

/**
 * Loads the definitions of topics that were bundled beside this handler, if the stack has some. The address is not
 * known to esbuild, so the bundle of a handler is the same with and without schemas. Throws ConfigError.
 */
export async function loadDefinitions(): Promise<Definitions | undefined> {
  if (!readSwitch(ENVIRONMENT.topicSchemas)) return undefined;
  const { href } = new URL(SCHEMAS_FILE, import.meta.url);
  const loaded: { readonly topics?: unknown; readonly default?: unknown } = await import(href);
  return readDefinitions(loaded.topics ?? loaded.default);
}

/** Opens the gate of a route: it checks frames where the stack authenticates its connections. */
export const openGate = (): Gate => createGate({ isOn: readAuth(), now: Date.now });

/** Reads the rates of the stack. A stack without limits has no such variable. */
export function openRates(): RateLimits | undefined {
  const setting = readJson(ENVIRONMENT.rateLimits);
  return setting === undefined ? undefined : readRateLimits(setting);
}

/**
 * Opens the rate limits of a route. Without rates nothing is counted. `onFailure` receives the reason for which a use
 * could not be counted in the shared bucket.
 */
export const openFrameLimits = (
  rates: RateLimits | undefined,
  onFailure: (error: unknown) => void,
): FrameLimits | undefined => rates && createFrameLimits(rates, openTakeRate(onFailure));

/** Opens the rate limits of the subjects of HTTP requests. Without limits nothing is counted. */
export function openSubjectLimits(onFailure: (error: unknown) => void): SubjectLimits {
  const rates = openRates();
  return rates === undefined ? async () => undefined : createSubjectLimits(rates, openTakeRate(onFailure));
}

/** The reports of the watch over connections that flood. */
interface FloodReports {
  /** Receives the number of refused frames of a connection whose end this Lambda has recorded. */
  readonly onEnded: (refused: number) => void;
  /** Receives the reason for which an end could not be recorded. A connection that goes on is recorded later. */
  readonly onFailure: (error: unknown) => void;
}

/**
 * Opens the watch of a route over connections that go on sending although they are refused: counts a refused frame, and
 * records the connection's end once it floods. Undefined in a stack without limits.
 */
export function openFloodWatch(rates: RateLimits | undefined, { onEnded, onFailure }: FloodReports) {
  if (rates === undefined) return undefined;
  const limit = rates.connectionRefusals;
  const watch = createFloodWatch({ limit, floodMs: STORE_BOUNDS.FLOOD_MS, now: Date.now });
  const table = requiredText(ENVIRONMENT.subscriptionsTable);
  let client: DynamoDBClient | undefined;
  const refused = async ({ connectionId, connectedAt }: ConnectionRef): Promise<void> => {
    const frames = watch.refused(connectionId);
    if (frames === undefined) return;
    const deps = { client: (client ??= createClient()), table, newStamp: randomUUID };
    const noted = noteFlood(deps, { connectionId, connectedAt }, Date.now());
    await noted.then((isOurs) => isOurs && onEnded(frames), onFailure);
  };
  return { taken: watch.taken, refused };
}

function openTakeRate(onFailure: (error: unknown) => void): TakeRate {
  const keysTable = requiredText(ENVIRONMENT.keysTable);
  // A client of DynamoDB costs time at a cold start, and honest senders never come to need this one.
  let client: DynamoDBClient | undefined;
  const takeShared: RateLimiterDeps['takeShared'] = (use) =>
    takeFromBucket({ client: (client ??= createUnretriedClient()), keysTable }, use);
  return createRateLimiter({ takeShared, onFailure, now: Date.now });
}

/** Opens the write side of subscriptions, with the shard directory that the routes use. */
export const openSubscriptionStore = (table = openSubscriptionsTable()): SubscriptionStore =>
  createSubscriptionStore({
    ...table,
    requestId: randomUUID,
    shardsOf: createShardDirectory({ ...table, now: Date.now }),
  });

/** Opens what a route writes that subscribes: subscriptions, and requests for older messages. */
export const openSubscribeStores = () => {
  const table = openSubscriptionsTable();
  return {
    subscriptions: openSubscriptionStore(table),
    requestHistory: (connection: ConnectionRef, range: HistoryRange) =>
      requestHistory({ ...table, requestId: randomUUID }, connection, range),
  };
};

/** Opens the table Subscriptions, for the Lambdas that read or delete its records. */
export const openSubscriptionsTable = (): SubscriberStoreDeps => ({
  client: createClient(),
  table: requiredText(ENVIRONMENT.subscriptionsTable),
});
