import type { BroadcastDeps, BroadcastEvent } from '../../shared/fanout/broadcast/broadcast.ts';
import type { PostOutcome } from '../../shared/post/post.ts';
import { createLateness } from '../../shared/fanout/deliver/lateness.ts';
import type { Subscriber } from '../../shared/store/subscribers.ts';
import { PUBLISHED_AT } from './change-records.ts';
import { TestClock } from './test-clock.ts';

export interface BroadcastFixture extends BroadcastDeps {
  /** All that was done, in order: `archive news 1`, `list news`, `post C1= news 1`, `remove C1=`. */
  readonly steps: string[];
  /** The frames that each connection got. */
  readonly delivered: Map<string, unknown[]>;
  readonly events: BroadcastEvent[];
}

export interface BroadcastScript {
  /** The subscribers by topic. */
  readonly subscribers?: Readonly<Record<string, readonly (string | Partial<Subscriber>)[]>>;
  /** The outcomes of the posts to each connection, in order. Later posts are delivered. */
  readonly answers?: Readonly<Record<string, readonly PostOutcome[]>>;
  /** Messages that the archive does not take, as `topic seq`. */
  readonly untaken?: readonly string[];
  readonly overrides?: Partial<BroadcastDeps>;
}

/** Old enough to be past its handshake. */
export const CONNECTED_AT = PUBLISHED_AT - 60_000;
export const NOW_MS = PUBLISHED_AT + 150;

/** A world around `broadcast` that does as its script says and keeps what was done. */
export function createBroadcastFixture(script: BroadcastScript = {}): BroadcastFixture {
  const { subscribers = {}, untaken = [], overrides = {} } = script;
  const steps: string[] = [];
  const events: BroadcastEvent[] = [];
  const delivered = new Map<string, unknown[]>();
  const answers = new Map(Object.entries(script.answers ?? {}).map(([id, outcomes]) => [id, [...outcomes]]));
  return {
    steps,
    events,
    delivered,
    archive: async (messages) => {
      const ids = messages.map(({ topic, seq }) => ({ topic, seq }));
      steps.push(...ids.map(({ topic, seq }) => `archive ${topic} ${seq}`));
      return ids.filter(({ topic, seq }) => untaken.includes(`${topic} ${seq}`));
    },
    listSubscribers: async function* (topic) {
      steps.push(`list ${topic}`);
      for (const each of subscribers[topic] ?? []) yield subscriberOf(each);
    },
    post: async (connectionId, frame) => {
      const parsed: unknown = JSON.parse(frame);
      steps.push(`post ${connectionId} ${nameOf(parsed)}`);
      const outcome = answers.get(connectionId)?.shift() ?? 'delivered';
      if (outcome === 'delivered') delivered.set(connectionId, [...(delivered.get(connectionId) ?? []), parsed]);
      return outcome;
    },
    removeConnection: async (connectionId) => void steps.push(`remove ${connectionId}`),
    lateness: createLateness(() => NOW_MS),
    waiting: new TestClock().waiting(),
    now: () => NOW_MS,
    report: (event) => void events.push(event),
    ...overrides,
  };
}

const subscriberOf = (each: string | Partial<Subscriber>): Subscriber => ({
  connectionId: '',
  connectedAt: CONNECTED_AT,
  batch: false,
  ...(typeof each === 'string' ? { connectionId: each } : each),
});

/** `news 1` of a message, `counter:a 1` of a state, `batch` of a batch. */
export function nameOf(frame: unknown): string {
  const { type, topic, counter, seq } = frame as Record<string, unknown>;
  if (type === 'batch') return 'batch';
  return `${type === 'state' ? `counter:${String(counter)}` : String(topic)} ${String(seq)}`;
}
