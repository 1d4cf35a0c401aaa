import type { Head } from '../../store/head.ts';
import type { ConnectionRef } from '../../store/connection-record.ts';
import type { DeliveryResult } from '../deliver/outcomes.ts';
import { postAll, type PostAllDeps } from '../deliver/post-all.ts';
import { type RecoverDeps, recover, type RecoveryRequest } from './recover.ts';
import { type Addressee, encodeRecovery } from './recovery-frames.ts';
import type { RecoveryBudget } from './recovery-budget.ts';

/** Time in ms for the retry rounds of one recovery that the endpoint failed to take. */
const RECOVERY_ROUNDS_MS = 300;
/**
 * Deadline in ms of the first post of a recovery, raised with the average answer time. The other recoveries of the
 * batch, and their lane, wait for it.
 */
export const RECOVERY_POST_MS = 500;
/**
 * The outcomes after which a recovery is tried again at once. A connection that is throttled or silent must not hold up
 * the others of its batch: its recovery is owed, and sent later.
 */
const RETRIED = new Set(['failed'] as const);

/** The answer for one topic: its position, and the messages that are sent. */
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

/** The dependencies of sending a recovery. */
export interface SendRecoveryDeps extends PostAllDeps, RecoverDeps {
  /** Reads a topic's head, strongly consistent. */
  readonly findHead: (topic: string) => Promise<Head | undefined>;
  readonly budget: RecoveryBudget;
  /** Receives the answer for each topic before it is sent. */
  readonly report: (answer: CatchUpAnswer) => void;
}

/** The recipient of a recovery, and the head that it is made from. */
interface Target extends Addressee {
  readonly head: Head | undefined;
}

/** Makes the frames of a recovery. A connection whose budget is used up gets `recovered: false`, without messages. */
export async function recoveryFrames(
  deps: SendRecoveryDeps,
  target: Target,
  request: RecoveryRequest,
): Promise<string[]> {
  const recovery = await recoverWithin(deps, target, request);
  const { epoch, seq, recovered, messages } = recovery;
  const [first] = messages;
  const from = first === undefined ? {} : { fromSeq: first.seq };
  deps.report({ topic: target.topic, epoch, seq, recovered, messages: messages.length, ...from });
  return encodeRecovery(recovery, target);
}

async function recoverWithin(deps: SendRecoveryDeps, { connectionId, head }: Target, request: RecoveryRequest) {
  const isAsked = request.position !== undefined || request.history !== undefined;
  const isLarge = head?.kind === 'message' && isAsked && deps.settingsOf?.(head.topic).lastValueOnly !== true;
  if (!isLarge || deps.budget.hasRoom(connectionId)) return recover(deps, head, request);
  return { epoch: head.epoch, seq: head.seq, recovered: false, messages: [] };
}

/**
 * Posts frames to one connection and counts their bytes. A throttled or unanswered post is not repeated, unlike in a
 * broadcast.
 */
export async function sendFrames(
  deps: PostAllDeps & Pick<SendRecoveryDeps, 'budget'>,
  { connectionId, connectedAt }: ConnectionRef,
  frames: readonly string[],
): Promise<DeliveryResult> {
  const delivery = { connectionId, connectedAt, frames };
  const timeoutMs = deps.lateness.scaledTimeout(RECOVERY_POST_MS);
  const [result = { delivery, outcome: 'delivered', frames: 0 } as const] = await postAll(
    { roundsMs: RECOVERY_ROUNDS_MS, retried: RETRIED, timeoutMs, ...deps },
    [delivery],
  );
  const sent = frames.slice(0, result.frames);
  deps.budget.spend(
    connectionId,
    sent.reduce((bytes, frame) => bytes + frame.length, 0),
  );
  return result;
}
