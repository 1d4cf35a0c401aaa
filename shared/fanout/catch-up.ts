import type { Waiting } from '../backoff.ts';
import { runBounded } from '../run-bounded.ts';
import type { Head } from '../store/head.ts';
import type { ArchivedMessage, MessageRange } from '../store/messages.ts';
import type { CatchUpRequest, Connection } from '../store/subscription-record.ts';
import { FANOUT_BOUNDS } from './bounds.ts';
import { deliver } from './deliver.ts';
import { isPastGrace } from './grace.ts';
import type { Post, PostOutcome } from './post.ts';
import { recover, type Wanted } from './recover.ts';
import { encodeRecovery } from './recovery-frames.ts';

export interface CatchUpDeps {
  readonly post: Post;
  /** Strongly consistent. */
  readonly findHead: (topic: string) => Promise<Head | undefined>;
  readonly listMessages: (range: MessageRange) => Promise<ArchivedMessage[]>;
  readonly isIndexed: (topic: string, connectionId: string) => Promise<boolean>;
  /** The topics a connection is subscribed to. */
  readonly getTopics: (connection: Connection) => Promise<ReadonlySet<string>>;
  readonly removeConnection: (connectionId: string) => Promise<unknown>;
  readonly waiting: Waiting;
  readonly now: () => number;
}

/** Sends a subscriber what it asked for. Resolves to how it ended; rejects when the stores cannot be read. */
export async function catchUp(deps: CatchUpDeps, request: CatchUpRequest): Promise<PostOutcome> {
  const frames = request.kind === 'ping' ? await behindFrames(deps, request) : await subscribedFrames(deps, request);
  const outcome = await send(deps, request, frames);
  if (outcome === 'gone' && isPastGrace(request.connectedAt, deps.now()))
    await deps.removeConnection(request.connectionId);
  return outcome;
}

type Subscription = Extract<CatchUpRequest, { kind: 'subscription' }>;
type Ping = Extract<CatchUpRequest, { kind: 'ping' }>;

/**
 * The index before the head: a message after this head is then broadcast to a list that has this subscriber. So each
 * message is either in what is sent now, or comes live.
 */
async function subscribedFrames(
  deps: CatchUpDeps,
  { topic, connectionId, ...wanted }: Subscription,
): Promise<string[]> {
  await untilIndexed(deps, topic, connectionId);
  return recoveryFrames(deps, { topic, connectionId, head: await deps.findHead(topic) }, wanted);
}

/** For each topic in which the client is not where the head is. Only of topics that it is subscribed to. */
async function behindFrames(deps: CatchUpDeps, ping: Ping): Promise<string[]> {
  const topics = await deps.getTopics(ping);
  const positions = Object.entries(ping.positions).filter(([topic]) => topics.has(topic));
  const frames = await runBounded(positions, FANOUT_BOUNDS.PING_CONCURRENCY, async ([topic, position]) => {
    const head = await deps.findHead(topic);
    const upToDate = (head?.epoch ?? null) === position.epoch && (head?.seq ?? 0) === position.seq;
    return upToDate ? [] : recoveryFrames(deps, { topic, connectionId: ping.connectionId, head }, { position });
  });
  return frames.flat();
}

interface Target {
  readonly topic: string;
  readonly connectionId: string;
  readonly head: Head | undefined;
}

const recoveryFrames = async (deps: CatchUpDeps, target: Target, wanted: Wanted): Promise<string[]> =>
  encodeRecovery(await recover(deps, target.head, wanted), target);

/** Past the bound it goes on: should a message fall between, the next frame shows the gap. */
async function untilIndexed(deps: CatchUpDeps, topic: string, connectionId: string): Promise<void> {
  for (let attempt = 1; attempt <= FANOUT_BOUNDS.INDEX_ATTEMPTS; attempt++) {
    if (await deps.isIndexed(topic, connectionId)) return;
    await deps.waiting.sleep(FANOUT_BOUNDS.INDEX_PAUSE_MS);
  }
}

/** Posts the frames in order. A connection answers 410 until its handshake is done, so a young one is waited for. */
async function send(deps: CatchUpDeps, connection: Connection, frames: readonly string[]): Promise<PostOutcome> {
  let left = frames;
  for (let attempt = 1; left.length > 0; attempt++) {
    const [result] = await deliver([{ ...connection, frames: left }], deps.post, deps.waiting);
    if (result === undefined || result.outcome !== 'gone') return result?.outcome ?? 'delivered';
    const young = !isPastGrace(connection.connectedAt, deps.now());
    if (!young || attempt === FANOUT_BOUNDS.HANDSHAKE_ATTEMPTS) return 'gone';
    left = left.slice(result.frames);
    await deps.waiting.sleep(FANOUT_BOUNDS.HANDSHAKE_PAUSE_MS);
  }
  return 'delivered';
}
