import { runBounded } from '../../run-bounded.ts';
import type { ErrorFrame } from '../../protocol/server-frames.ts';
import type { Head } from '../../store/head.ts';
import type { TopicShard } from '../../store/subscribers.ts';
import type { CatchUpRequest } from '../../store/catch-up-request.ts';
import type { ConnectionRef } from '../../store/subscription-record.ts';
import { FANOUT_BOUNDS } from '../bounds.ts';
import { type DeliverDeps, type DeliveryResult, deliver } from '../deliver/post-all.ts';
import { isPastGrace } from '../grace.ts';
import type { HandshakeWaits } from './handshake-waits.ts';
import { type RecoverDeps, recover, type Wanted } from './recover.ts';
import { encodeRecovery } from './recovery-frames.ts';

export interface CatchUpDeps extends DeliverDeps, RecoverDeps {
  /** Strongly consistent. */
  readonly findHead: (topic: string) => Promise<Head | undefined>;
  readonly isIndexed: (place: TopicShard, connectionId: string) => Promise<boolean>;
  /** Whether the subscription's record is there, strongly consistent. */
  readonly isSubscribed: (connection: ConnectionRef, topic: string) => Promise<boolean>;
  /** The topics a connection is subscribed to. */
  readonly getTopics: (connection: ConnectionRef) => Promise<ReadonlySet<string>>;
  readonly removeConnection: (connectionId: string) => Promise<unknown>;
  readonly handshakes: HandshakeWaits;
  /** What a topic's subscriber is about to be sent. */
  readonly report: (answer: CatchUpAnswer) => void;
}

/** What a catch-up sends of one topic: where it stands, and which messages. */
export interface CatchUpAnswer {
  readonly topic: string;
  readonly epoch: string | null;
  readonly seq: number;
  readonly recovered: boolean;
  readonly messages: number;
  /** Of the first message; the last has `seq`. Absent when there is none. */
  readonly fromSeq?: number;
}

/** How a catch-up ended. `dropped`: there is no such subscription any more. */
export type CatchUpOutcome = DeliveryResult['outcome'] | 'dropped';

type Subscription = Extract<CatchUpRequest, { kind: 'subscription' }>;
type Ping = Extract<CatchUpRequest, { kind: 'ping' }>;

/** Sends a subscriber what it asked for. Resolves to how it ended; rejects when the stores cannot be read. */
export async function catchUp(deps: CatchUpDeps, request: CatchUpRequest): Promise<CatchUpOutcome> {
  const outcome = await (request.kind === 'ping' ? answerPing(deps, request) : answerSubscription(deps, request));
  if (outcome === 'gone' && isPastGrace(request.connectedAt, deps.now())) {
    await deps.removeConnection(request.connectionId);
  }
  return outcome;
}

/**
 * The index before the head: a message after this head is then broadcast to a list that has this subscriber. So each
 * message is either in what is sent now, or comes live.
 */
async function answerSubscription(deps: CatchUpDeps, request: Subscription): Promise<CatchUpOutcome> {
  if (!(await untilIndexed(deps, request))) return 'dropped';
  const { topic, position, history } = request;
  const framesNow = async (): Promise<readonly string[]> =>
    recoveryFrames(deps, { ...request, head: await deps.findHead(topic) }, { position, history });
  let left = await framesNow();
  let sent = 0;
  for (;;) {
    const { outcome, frames } = await send(deps, request, left);
    // A connection answers 410 until its handshake is done: while it has its record, a young one is waited for.
    const isYoung = outcome === 'gone' && !isPastGrace(request.connectedAt, deps.now());
    if (!isYoung || !deps.handshakes.take(request.connectionId)) return outcome;
    await deps.waiting.sleep(FANOUT_BOUNDS.HANDSHAKE_PAUSE_MS);
    if (!(await deps.isSubscribed(request, topic))) return 'dropped';
    // What was broadcast meanwhile met the same 410: it is to be in what is sent.
    sent += frames;
    left = sent === 0 ? await framesNow() : left.slice(frames);
  }
}

/** False when the subscription is not there any more. Past the bound it goes on: the next frame would show a gap. */
async function untilIndexed(deps: CatchUpDeps, request: Subscription): Promise<boolean> {
  for (let attempt = 1; attempt <= FANOUT_BOUNDS.INDEX_ATTEMPTS; attempt++) {
    if (await deps.isIndexed({ topic: request.topic, shard: request.shard ?? 0 }, request.connectionId)) return true;
    if (!(await deps.isSubscribed(request, request.topic))) return false;
    await deps.waiting.sleep(FANOUT_BOUNDS.INDEX_PAUSE_MS);
  }
  return true;
}

/** For each topic in which the client is not where the head is; one after another, so that no more is held than one has. */
async function answerPing(deps: CatchUpDeps, ping: Ping): Promise<CatchUpOutcome> {
  const topics = await deps.getTopics(ping);
  if (Object.keys(ping.positions).some((topic) => !topics.has(topic))) {
    const { outcome } = await send(deps, ping, [NOT_SUBSCRIBED]);
    if (outcome !== 'delivered') return outcome;
  }
  const positions = Object.entries(ping.positions).filter(([topic]) => topics.has(topic));
  const heads = await runBounded(positions, FANOUT_BOUNDS.PING_CONCURRENCY, ([topic]) => deps.findHead(topic));
  for (const [index, [topic, position]] of positions.entries()) {
    const head = heads[index];
    if ((head?.epoch ?? null) === position.epoch && (head?.seq ?? 0) === position.seq) continue;
    const frames = await recoveryFrames(deps, { topic, connectionId: ping.connectionId, head }, { position });
    const { outcome } = await send(deps, ping, frames);
    if (outcome !== 'delivered') return outcome;
  }
  return 'delivered';
}

/**
 * To who follows a topic in vain. A connection that was once answered 410 and lives all the same has lost its records: nothing
 * reaches it any more, and only its next ping can tell it so.
 */
const NOT_SUBSCRIBED = JSON.stringify({
  type: 'error',
  code: 'not-subscribed',
  message: 'The connection is not subscribed to a topic that its ping named. Subscribe again.',
  action: 'ping',
} satisfies ErrorFrame);

interface Target {
  readonly topic: string;
  readonly connectionId: string;
  readonly head: Head | undefined;
}

async function recoveryFrames(deps: CatchUpDeps, target: Target, wanted: Wanted): Promise<string[]> {
  const recovery = await recover(deps, target.head, wanted);
  const { epoch, seq, recovered, messages } = recovery;
  const [first] = messages;
  const from = first === undefined ? {} : { fromSeq: first.seq };
  deps.report({ topic: target.topic, epoch, seq, recovered, messages: messages.length, ...from });
  return encodeRecovery(recovery, target);
}

async function send(
  deps: CatchUpDeps,
  { connectionId, connectedAt }: ConnectionRef,
  frames: readonly string[],
): Promise<DeliveryResult> {
  const delivery = { connectionId, connectedAt, frames };
  const [result] = await deliver(deps, [delivery]);
  return result ?? { delivery, outcome: 'delivered', frames: 0 };
}
