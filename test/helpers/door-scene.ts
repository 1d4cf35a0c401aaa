import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { realWaiting } from '../../shared/backoff.ts';
import type { DoorDeps } from '../../shared/http-door/door-deps.ts';
import { serveStream } from '../../shared/http-door/door.ts';
import { createNews } from '../../shared/http-door/news.ts';
import type { StreamAnswer } from '../../shared/http-door/stream-request.ts';
import { encodeItem } from '../../shared/store/attributes.ts';
import { decodeHeads, hasNews } from '../../shared/store/head.ts';
import { archiveMessages } from '../../shared/store/messages.ts';
import { readSlice } from '../../shared/store/stream-messages.ts';
import { createStreamStore, type StreamStoreDeps } from '../../shared/store/streams.ts';
import { startStoreEngine, type StoreEngine } from './store-engine.ts';
import { TABLE_NAMES } from './tables.ts';

/** A request to the door, in short. */
export interface DoorRequest {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  readonly query?: string;
  /** Whether IAM has let the request in. Default: false. */
  readonly isSigned?: boolean;
}

/** An answer of the door: its headers by their names in lower case, and its body. */
export interface DoorAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  readonly body: StreamAnswer['body'];
}

type Ask = (method: string, topic: string, request?: DoorRequest) => Promise<DoorAnswer>;

/** The door in this process, over a real engine. What is written is archived at once, as the broadcast does. */
export interface DoorScene {
  readonly engine: StoreEngine;
  /** The dependencies of the door, whose clock `skip` moves. */
  readonly deps: DoorDeps;
  readonly ask: Ask;
  /** Sends a request without archiving what it wrote. */
  readonly askAlone: Ask;
  /** Returns the same for a door with other dependencies: another warm Lambda. */
  readonly with: (changes: Partial<DoorDeps>) => Ask;
  /** Returns a store of streams that remembers nothing: that of another warm Lambda. */
  readonly newStore: (changes?: Partial<StreamStoreDeps>) => DoorDeps['streams'];
  /** Archives the newest publish of a topic. */
  readonly archive: (topic: string) => Promise<void>;
  /** Moves the clock of the door. */
  readonly skip: (ms: number) => void;
  readonly stop: () => Promise<void>;
}

const RETENTION_SECONDS = 3_600;

let names = 0;

/** Returns the name of a topic that no other test has. */
export const newTopic = (): string => `topic-${(names += 1)}`;

/** Starts an engine and opens a door over it. */
export async function startDoorScene(): Promise<DoorScene> {
  const engine = await startStoreEngine();
  let aheadMs = 0;
  const now = () => Date.now() + aheadMs;
  const newStore: DoorScene['newStore'] = (changes) => createStreamStore({ ...storeDeps(engine, now), ...changes });
  const deps = doorDeps(engine, { now, streams: newStore() });
  const archive = (topic: string) => archiveHead(engine, topic);
  const asker = (used: DoorDeps, isArchived: boolean): Ask => {
    return async (method, topic, request = {}) => {
      const answered = await serveStream(used, requestFor(method, topic, request));
      if (isArchived && (method === 'PUT' || method === 'POST')) await archive(topic);
      return readAnswer(answered);
    };
  };
  return {
    engine,
    deps,
    ask: asker(deps, true),
    askAlone: asker(deps, false),
    with: (changes) => asker({ ...deps, ...changes }, true),
    newStore,
    archive,
    skip: (ms) => void (aheadMs += ms),
    stop: engine.stop,
  };
}

let epochs = 0;

const storeDeps = ({ client }: StoreEngine, now: () => number): StreamStoreDeps => ({
  client,
  unretriedClient: client,
  topicsTable: TABLE_NAMES.topics,
  now,
  newEpoch: () => `epoch-${(epochs += 1)}`,
  traceId: () => undefined,
});

function doorDeps({ client }: StoreEngine, { now, streams }: Pick<DoorDeps, 'now' | 'streams'>): DoorDeps {
  const archive = { client, table: TABLE_NAMES.messages, now };
  return {
    streams,
    readSlice: (state, range) => readSlice(archive, state, range),
    waitForNews: createNews({ look: (topic) => streams.find(topic), now, sleep: realWaiting.sleep }),
    checkValues: async () => undefined,
    mayCreate: () => true,
    settingsOf: () => ({}),
    admit: async () => ({ isPrivate: false }),
    count: async () => undefined,
    longPollMs: 300,
    eventsMs: 300,
    now,
    random: () => 0.5,
  };
}

function requestFor(
  method: string,
  topic: string,
  { headers = {}, body = '', query = '', isSigned = false }: DoorRequest,
) {
  const named = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const);
  return {
    method,
    path: `/v1/stream/${topic}`,
    origin: 'https://door.example',
    query: new URLSearchParams(query),
    headers: Object.fromEntries(named),
    body: Buffer.from(body),
    isSigned,
  };
}

function readAnswer({ status, headers, body }: StreamAnswer): DoorAnswer {
  const named = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const);
  const isWhole = typeof body === 'string' || body instanceof Uint8Array;
  return { status, headers: Object.fromEntries(named), text: isWhole ? Buffer.from(body).toString() : '', body };
}

async function archiveHead({ client }: StoreEngine, topic: string): Promise<void> {
  const Key = encodeItem({ topic });
  const { Item } = await client.send(new GetItemCommand({ TableName: TABLE_NAMES.topics, Key, ConsistentRead: true }));
  if (Item === undefined || !hasNews(Item)) return;
  const messages = decodeHeads(Item).filter((head) => head.kind === 'message');
  await archiveMessages({ client, table: TABLE_NAMES.messages }, messages, () => RETENTION_SECONDS);
}
