import { runBounded } from '../../run-bounded.ts';
import type { ErrorFrame } from '../../protocol/server-frames.ts';
import type { Head } from '../../store/head.ts';
import type { TopicShard } from '../../store/subscribers.ts';
import type { CatchUpRequest } from '../../store/catch-up-request.ts';
import type { ConnectionRef } from '../../store/subscription-record.ts';
import { type PostAllDeps, postAll } from '../deliver/post-all.ts';
import type { DeliveryResult } from '../deliver/outcomes.ts';
import { isPastGrace } from '../deliver/deliver-frames.ts';
import { HANDSHAKE_PAUSE_MS, type HandshakeWaits } from './handshake-waits.ts';
import { type RecoverDeps, recover, type RecoveryRequest } from './recover.ts';
import { encodeRecovery } from './recovery-frames.ts';

/** Number of times that a catch-up looks whether the topic index shows a new subscription. */
export const INDEX_ATTEMPTS = 20;
/** Pause in ms between two looks at the index. */
export const INDEX_PAUSE_MS = 25;
/** Number of topics of one ping that are compared at once. */
const PING_CONCURRENCY = 8;

/** The dependencies of a catch-up. */
export interface CatchUpDeps extends PostAllDeps, RecoverDeps {
  /** Reads a topic's head, strongly consistent. */
  readonly findHead: (topic: string) => Promise<Head | undefined>;
  readonly isIndexed: (place: TopicShard, connectionId: string) => Promise<boolean>;
  /** Returns whether the subscription's record exists, strongly consistent. */
  readonly isSubscribed: (connection: ConnectionRef, topic: string) => Promise<boolean>;
  /** Reads the topics that a connection is subscribed to. */
  readonly getTopics: (connection: ConnectionRef) => Promise<ReadonlySet<string>>;
  readonly removeConnection: (connectionId: string) => Promise<unknown>;
  readonly handshakes: HandshakeWaits;
  /** Receives the answer for each topic before it is sent. */
  readonly report: (answer: CatchUpAnswer) => void;
}

/** The answer of a catch-up for one topic: its position, and the messages that are sent. */
export interface CatchUpAnswer {
  readonly topic: string;
  readonly epoch: string | null;
  readonly seq: number;
  readonly recovered: boolean;
  /** The number of messages. */
  readonly messages: number;
  /** The seq of the first message; the last one has `seq`. Absent without messages. */
  readonly fromSeq?: number;
}

/** The end of a catch-up. `dropped`: the subscription does not exist any more. */
export type CatchUpOutcome = DeliveryResult['outcome'] | 'dropped';

type Subscription = Extract<CatchUpRequest, { kind: 'subscription' }>;
type Ping = Extract<CatchUpRequest, { kind: 'ping' }>;

/** Sends a subscriber the answer to its request. Rejects when the stores cannot be read. */
export async function catchUp(deps: CatchUpDeps, request: CatchUpRequest): Promise<CatchUpOutcome> {
  const outcome = await (request.kind === 'ping' ? answerPing(deps, request) : answerSubscription(deps, request));
  if (outcome === 'gone' && isPastGrace(request.connectedAt, deps.now())) {
    await deps.removeConnection(request.connectionId);
  }
  return outcome;
}

/**
 * Answers a subscription. The index is read before the head: a message after this head is then broadcast to a list that
 * has this subscriber. Each message is therefore either in this answer, or delivered live.
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
    // A connection answers 410 until its handshake is done. A young one is waited for while its record exists.
    const isYoung = outcome === 'gone' && !isPastGrace(request.connectedAt, deps.now());
    if (!isYoung || !deps.handshakes.take(request.connectionId)) return outcome;
    await deps.waiting.sleep(HANDSHAKE_PAUSE_MS);
    if (!(await deps.isSubscribed(request, topic))) return 'dropped';
    // Messages that were broadcast meanwhile met the same 410: the answer must include them.
    sent += frames;
    left = sent === 0 ? await framesNow() : left.slice(frames);
  }
}

/**
 * Waits until the index shows the subscription; resolves to false when its record is gone. Past the bound the catch-up
 * goes on: the next frame would show a gap.
 */
async function untilIndexed(deps: CatchUpDeps, request: Subscription): Promise<boolean> {
  for (let attempt = 1; attempt <= INDEX_ATTEMPTS; attempt++) {
    if (await deps.isIndexed({ topic: request.topic, shard: request.shard ?? 0 }, request.connectionId)) return true;
    if (!(await deps.isSubscribed(request, request.topic))) return false;
    await deps.waiting.sleep(INDEX_PAUSE_MS);
  }
  return true;
}

/**
 * Answers a ping for each topic whose head is elsewhere than the client; one after another, to hold one topic's
 * messages at most.
 */
async function answerPing(deps: CatchUpDeps, ping: Ping): Promise<CatchUpOutcome> {
  const topics = await deps.getTopics(ping);
  if (Object.keys(ping.positions).some((topic) => !topics.has(topic))) {
    const { outcome } = await send(deps, ping, [NOT_SUBSCRIBED]);
    if (outcome !== 'delivered') return outcome;
  }
  const positions = Object.entries(ping.positions).filter(([topic]) => topics.has(topic));
  const heads = await runBounded(positions, PING_CONCURRENCY, ([topic]) => deps.findHead(topic));
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
 * The answer to a ping that names a topic without a subscription. The records of such a connection were deleted after a
 * false 410, so this is the only way to make the client subscribe again.
 */
const NOT_SUBSCRIBED = JSON.stringify({
  type: 'error',
  code: 'not-subscribed',
  message: 'The connection is not subscribed to a topic that its ping named. Subscribe again.',
  action: 'ping',
} satisfies ErrorFrame);

/** The recipient of a recovery, and the head that it is made from. */
interface Target {
  readonly topic: string;
  readonly connectionId: string;
  readonly head: Head | undefined;
}

async function recoveryFrames(deps: CatchUpDeps, target: Target, wanted: RecoveryRequest): Promise<string[]> {
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
  const [result] = await postAll(deps, [delivery]);
  return result ?? { delivery, outcome: 'delivered', frames: 0 };
}
