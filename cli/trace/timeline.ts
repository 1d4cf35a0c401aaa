import { CLI_BOUNDS } from '../bounds.ts';
import { counted } from '../output.ts';
import { type Broadcast, reasonOf } from './find-broadcasts.ts';
import type { CatchUpLine, ConnectionEvent, TracedConnection } from './find-connection.ts';
import type { GivenUp } from './find-given-up.ts';
import type { Writer, Written } from './find-written.ts';

/** The trace of a change: all that was found about it. */
export interface Trace {
  readonly written: Written;
  readonly broadcasts: readonly Broadcast[];
  readonly givenUp: readonly GivenUp[];
  readonly connection: TracedConnection | undefined;
}

interface Step {
  readonly atMs: number;
  readonly text: string;
}

/** Describes the events of a trace in the order of time. */
export function timelineOf({ written, broadcasts, givenUp, connection }: Trace): Step[] {
  const steps: Step[] = [
    ...writtenStep(written),
    ...broadcasts.flatMap((broadcast) => broadcastSteps(broadcast, written)),
    ...givenUp.map(givenUpStep),
    ...connectionSteps(connection?.events ?? []),
  ];
  return steps.toSorted((a, b) => a.atMs - b.atMs);
}

function writtenStep({ publishedAtMs, by }: Written): Step[] {
  if (publishedAtMs === undefined) return [];
  return [{ atMs: publishedAtMs, text: `written${by === undefined ? '' : writerOf(by)}` }];
}

const writerOf = ({ connectionId, record, service, requestId }: Writer): string =>
  record === undefined
    ? ` by connection ${connectionId} (${service}, request ${requestId})`
    : ` from a record of a table (${record.eventId}, by ${record.source}, request ${requestId})`;

function broadcastSteps(broadcast: Broadcast, { seq, kind }: Written): Step[] {
  const { atMs, requestId, records, firstSeq, lastSeq, subscribers, workers } = broadcast;
  const seqs = firstSeq === lastSeq ? `seq ${lastSeq}` : `seqs ${firstSeq} to ${lastSeq}`;
  const batch = `a batch of ${counted(records, 'record')}, with ${seqs} of this topic`;
  const conflated =
    kind === 'counter' && seq < lastSeq ? `; conflated: only the newest value, seq ${lastSeq}, was sent` : '';
  const down = broadcast.isUndone ? '; not done (no time was left, or nobody could be reached): it is retried' : '';
  const shared = workers.length === 0 ? '' : `; by ${counted(workers.length, 'worker')}`;
  const texts = [
    `broadcast by request ${requestId}: ${batch}; ${counted(subscribers, 'subscriber')} found${shared}${conflated}${down}`,
    ...outcomesOf(broadcast),
  ];
  return texts.map((text) => ({ atMs, text }));
}

/** Describes the results of the posts: deliveries, and the connections without one by outcome. */
function outcomesOf({ subscribers, excluded, undelivered, unnamed }: Broadcast): string[] {
  const missed = [...undelivered.values()].reduce((sum, ids) => sum + ids.length, unnamed);
  const delivered = subscribers - missed - excluded.length;
  return [
    ...(subscribers === 0 ? [] : [`  delivered to ${counted(Math.max(0, delivered), 'connection')}`]),
    ...excluded.map((id) => `  not for ${id}: it asked not to get its own message back`),
    ...Array.from(
      undelivered,
      ([outcome, ids]) => `  ${counted(ids.length, 'connection')} ${reasonOf(outcome)}: ${namesOf(ids)}`,
    ),
    ...(unnamed === 0 ? [] : [`  ${counted(unnamed, 'connection')} more without a delivery, not named`]),
  ];
}

function namesOf(ids: readonly string[]): string {
  const named = ids.slice(0, CLI_BOUNDS.TRACED_CONNECTIONS);
  return `${named.join(' ')}${ids.length > named.length ? ` and ${ids.length - named.length} more` : ''}`;
}

const givenUpStep = ({ id, atMs, condition, isPoison }: GivenUp): Step => ({
  atMs,
  text: isPoison
    ? `poison of this topic was given up (${condition}): distributary failures show ${id}`
    : `given up (${condition}): distributary failures show ${id}, then failures replay ${id}`,
});

/**
 * Describes a connection's events. Failed posts of one invocation become one step, with their number, and so do
 * refusals of one kind: a client that asks too fast asks often.
 */
function connectionSteps(events: readonly ConnectionEvent[]): Step[] {
  const alike = Map.groupBy(events, likenessOf);
  return events.flatMap((event) => {
    const likeness = likenessOf(event);
    const same = likeness === undefined ? [event] : (alike.get(likeness) ?? []);
    return same.at(-1) === event ? [connectionStep(event, same.length)] : [];
  });
}

/** Returns a text that events of one step share; undefined for an event with a step of its own. */
function likenessOf({ what, requestId, refusal }: ConnectionEvent): string | undefined {
  if (what === 'post-failed') return requestId;
  return refusal === undefined ? undefined : `${refusal.service} ${refusal.code}`;
}

function connectionStep(event: ConnectionEvent, times: number): Step {
  const { atMs, what, error, requestId } = event;
  const often = times > 1 ? `, ${times} times` : '';
  const why = error === undefined ? '' : ` (${error})`;
  const did = didOf(event) ?? WORDS[what];
  return { atMs, text: `the connection ${did}${often}${why}, request ${requestId}` };
}

function didOf({ answer, subject, refusal }: ConnectionEvent): string | undefined {
  if (answer !== undefined) return caughtUp(answer);
  if (subject !== undefined) return `was let in as ${subject}`;
  return refusal === undefined ? undefined : `was refused by ${refusal.service} (${refusal.code})`;
}

const WORDS: Readonly<Record<ConnectionEvent['what'], string>> = {
  'let-in': 'was let in',
  refused: 'was refused',
  connected: 'connected',
  subscribed: 'subscribed',
  unsubscribed: 'unsubscribed',
  flooding: 'went on although it was refused, and is closed',
  disconnected: 'ended',
  'caught-up': 'was caught up',
  'post-failed': 'did not take a post',
};

function caughtUp({ seq, fromSeq, messages, recovered, outcome }: CatchUpLine): string {
  const sent =
    fromSeq === undefined
      ? `to seq ${seq}, without messages`
      : `with seqs ${fromSeq} to ${seq} (${counted(messages, 'message')})`;
  return `was caught up ${sent}, recovered: ${recovered}, ${outcome}`;
}
