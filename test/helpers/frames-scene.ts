import type { Principal } from '../../shared/auth/permissions.ts';
import { realWaiting } from '../../shared/backoff.ts';
import type { StreamAnswer } from '../../shared/http-door/stream-request.ts';
import type { FramesDeps, WritingFrame } from '../../shared/http-frames/frames-deps.ts';
import { FRAMES_PATH, serveFrames } from '../../shared/http-frames/serve-frames.ts';
import { createTopicWriter } from '../../shared/publish/topic-writer.ts';
import { listMessages } from '../../shared/store/messages.ts';
import { findHead, glanceAtHead } from '../../shared/store/topics.ts';
import { increment } from '../../handlers/increment.ts';
import { publishTo } from '../../handlers/publish-to.ts';
import { type DoorScene, startDoorScene } from './door-scene.ts';
import { openTopics } from './store-engine.ts';
import { TABLE_NAMES } from './tables.ts';

/** A frame of either side. */
export type Frame = Readonly<Record<string, unknown>>;

/** Options of a request with frames. */
interface FramesOptions {
  readonly changes?: Partial<FramesDeps>;
  readonly query?: string;
  readonly method?: string;
  /** Called with each event as it comes. */
  readonly onFrame?: (frame: Frame) => Promise<unknown> | void;
}

/** Frames by HTTP in this process, over a real engine. */
export interface FramesScene {
  readonly door: DoorScene;
  readonly deps: FramesDeps;
  /** Posts frames, texts as they are, and resolves to the answer with its frames once it has ended. */
  readonly post: (
    frames: readonly (Frame | string)[],
    options?: FramesOptions,
  ) => Promise<{ readonly status: number; readonly frames: readonly Frame[]; readonly text: string }>;
  /** Publishes by the socket, and archives. */
  readonly publish: (topic: string, ...messages: readonly unknown[]) => Promise<void>;
}

/** Starts an engine and opens frames by HTTP over it. Answers go on for some looks. */
export async function startFramesScene(): Promise<FramesScene> {
  const door = await startDoorScene();
  const deps = framesDeps(door);
  const post: FramesScene['post'] = async (frames, { changes, query = '', method = 'POST', onFrame } = {}) => {
    const lines = frames.map((frame) => (typeof frame === 'string' ? frame : JSON.stringify(frame)));
    const answer = await serveFrames({ ...deps, ...changes }, requestOf(method, query, lines.join('\n')));
    return readFrames(answer, onFrame);
  };
  const publish: FramesScene['publish'] = async (topic, ...messages) => {
    await openTopics(door.engine).publish({ topic, messages: messages.map((message) => JSON.stringify(message)) });
    await door.archive(topic);
  };
  return { door, deps, post, publish };
}

/** Returns what is done once a frame of a type has come. */
export function when(type: string, act: () => Promise<unknown>) {
  let isDone = false;
  return async (frame: Frame) => {
    if (isDone || frame['type'] !== type) return;
    isDone = true;
    await act();
  };
}

/** Returns a `subscribe` frame with an id. */
export const subscribe = (topic: string, more: object = {}) => ({ action: 'subscribe', topic, id: 's', ...more });

/** A client that may do everything, unless `permissions` say otherwise. */
export const principalOf = (permissions: Partial<Principal['permissions']> = {}): Principal => ({
  subject: 'ann',
  tokenEnd: Date.now() + 60_000,
  permissions: { subscribe: ['*'], publish: ['*'], count: ['*'], presence: ['*'], ...permissions },
  revoked: [],
  seen: 0,
  checkedAt: Date.now(),
});

function framesDeps({ engine, deps: { now } }: DoorScene): FramesDeps {
  const { client } = engine;
  const writer = createTopicWriter({ store: openTopics(engine), mustExist: () => false });
  return {
    findHead: (topic) => findHead(client, TABLE_NAMES.topics, topic),
    glanceAtHead: (topic) => glanceAtHead(client, TABLE_NAMES.topics, topic),
    listMessages: (range) => listMessages({ client, table: TABLE_NAMES.messages }, range),
    settingsOf: () => ({}),
    write: (frame, subject) => write(writer, frame, subject),
    authenticate: async () => ({}),
    count: async () => undefined,
    onFailure: () => undefined,
    waiting: realWaiting,
    now,
    longPollMs: 500,
    eventsMs: 500,
  };
}

async function write(
  writer: ReturnType<typeof createTopicWriter>,
  frame: WritingFrame,
  subject: string | undefined,
): ReturnType<FramesDeps['write']> {
  const publisher = subject === undefined ? {} : { subject };
  if (frame.action === 'publish') return publishTo(writer, frame, publisher);
  if (frame.action === 'onMessage') return publishTo(writer, { topic: 'everyone', data: frame.message }, publisher);
  return increment(writer, frame, publisher);
}

const requestOf = (method: string, query: string, text: string) => ({
  method,
  path: FRAMES_PATH,
  origin: 'https://door.example',
  query: new URLSearchParams(query),
  headers: {},
  body: Buffer.from(text),
});

async function readFrames({ status, body = '' }: StreamAnswer, onFrame: FramesOptions['onFrame']) {
  if (typeof body === 'string' || body instanceof Uint8Array) return { status, frames: [], text: String(body) };
  const frames: Frame[] = [];
  let text = '';
  for await (const event of body) {
    text += event;
    if (!event.startsWith('data: ')) continue;
    const frame: Frame = JSON.parse(event.slice('data: '.length));
    frames.push(frame);
    await onFrame?.(frame);
  }
  return { status, frames, text };
}
