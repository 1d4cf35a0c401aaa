import { type Broadcast, reasonOf } from './find-broadcasts.ts';
import type { ConnectionEvent, TracedConnection } from './find-connection.ts';
import type { Written } from './find-written.ts';

/** Whether a change reached a connection. */
export interface Verdict {
  /** Whether the change arrived; undefined: unknown. */
  readonly arrived: boolean | undefined;
  readonly reason: string;
  /** Whether no unread log line could contradict this. */
  readonly isCertain?: true;
}

interface Known {
  readonly written: Written;
  readonly broadcasts: readonly Broadcast[];
  readonly connection: TracedConnection;
}

/** Returns whether and how the change reached the connection, or why it did not. */
export function verdictOf(known: Known): Verdict {
  const { written, broadcasts, connection } = known;
  if (written.epoch === undefined) return { ...no('there is no such change'), isCertain: true };
  if (written.excluded === connection.connectionId) {
    return { ...no('it published this itself, and asked not to get it back (echo: false)'), isCertain: true };
  }
  const verdicts = broadcasts.map((broadcast) => byBroadcast(broadcast, connection));
  return (
    verdicts.find(({ arrived }) => arrived === true) ??
    byCatchUp(written, connection) ??
    verdicts.find(({ arrived }) => arrived === undefined) ??
    verdicts.at(-1) ??
    withoutBroadcast(known)
  );
}

/** Weakens a verdict from incomplete logs to unknown: a missing line may contradict it. */
export function weigh({ isCertain, ...verdict }: Verdict, isWhole: boolean): Verdict {
  if (isWhole || isCertain === true || verdict.arrived === undefined) return verdict;
  return unclear(`not all log lines could be read; those that were say: ${verdict.reason}`);
}

const yes = (reason: string): Verdict => ({ arrived: true, reason });
const no = (reason: string): Verdict => ({ arrived: false, reason });
const unclear = (reason: string): Verdict => ({ arrived: undefined, reason });

/**
 * Judges by a broadcast. Its log line names the connections without a delivery: a subscriber that it omits received it.
 */
function byBroadcast(
  broadcast: Broadcast,
  { connectionId, events, isSubscribed, connectedAtMs }: TracedConnection,
): Verdict {
  const outcome = [...broadcast.undelivered].find(([, ids]) => ids.includes(connectionId))?.[0];
  if (outcome !== undefined) {
    const taken = broadcast.partly.get(connectionId);
    return no(`${reasonOf(outcome)}${taken === undefined ? '' : `; it took ${taken}`}`);
  }
  if (broadcast.excluded.includes(connectionId)) return no('it asked not to get its own message back (echo: false)');
  const state = stateAt(events, broadcast.atMs);
  const refusal = refusedBefore(events, broadcast.atMs);
  if (state === 'absent') return no(`it was not subscribed when this was broadcast${refusal}`);
  if (state === undefined && !(isSubscribed && (connectedAtMs ?? Infinity) < broadcast.atMs)) {
    if (isSubscribed) return no('it connected after this was broadcast');
    return no(`nothing shows that it was ever subscribed${refusal}`);
  }
  const failed = events.find(({ what, requestId }) => what === 'post-failed' && requestId === broadcast.requestId);
  if (failed !== undefined)
    return unclear(`a post to it failed in this batch (${failed.error}), and it did not end as failed`);
  if (broadcast.unnamed > 0) return unclear(`${broadcast.unnamed} connections without a delivery are not named`);
  return yes('it was subscribed, and is not among the connections without a delivery');
}

const STATES: Readonly<Partial<Record<ConnectionEvent['what'], 'present' | 'absent'>>> = {
  subscribed: 'present',
  'caught-up': 'present',
  unsubscribed: 'absent',
  disconnected: 'absent',
};

/** Returns whether the connection was subscribed at a time, by its log lines; undefined when they do not tell. */
const stateAt = (events: readonly ConnectionEvent[], atMs: number): 'present' | 'absent' | undefined => {
  const last = events.findLast((event) => STATES[event.what] !== undefined && event.atMs <= atMs);
  if (last !== undefined) return STATES[last.what];
  // Its first event is later: it was not subscribed before.
  return events.some(({ what }) => STATES[what] === 'present') ? 'absent' : undefined;
};

/** Describes the last subscribe that was refused to the connection before a time; empty without one. */
function refusedBefore(events: readonly ConnectionEvent[], atMs: number): string {
  const last = events.findLast((event) => event.refusal?.service === 'subscribe' && event.atMs <= atMs);
  return last === undefined ? '' : `; a subscribe of it was refused before (${last.refusal?.code})`;
}

function byCatchUp({ seq, epoch, kind, archive }: Written, { events }: TracedConnection): Verdict | undefined {
  const answers = events.flatMap(({ answer, atMs }) => (answer === undefined ? [] : [{ ...answer, atMs }]));
  const own = answers.filter((answer) => answer.epoch === epoch && answer.seq >= seq && answer.outcome === 'delivered');
  const sent = own.find(({ fromSeq }) => fromSeq !== undefined && fromSeq <= seq);
  if (sent !== undefined)
    return { ...yes(`by catch-up, which sent seqs ${sent.fromSeq} to ${sent.seq}`), isCertain: true };
  const [first] = own;
  if (first === undefined) return undefined;
  if (kind === 'counter') return yes('by catch-up, which sent the value of then');
  if (archive === 'last-value-only') {
    return no(`its catch-up sent the newest message, seq ${first.seq}, which stands for it: the topic keeps no other`);
  }
  if (!first.recovered) return no('its catch-up said recovered: false: the client knows that it misses something');
  return no(`it subscribed from seq ${first.seq} on: its catch-up sent nothing older, as it asked for`);
}

function withoutBroadcast({ written, connection }: Known): Verdict {
  const { isSubscribed } = connection;
  if (written.publishedAtMs === undefined) return unclear('no log line shows its broadcast');
  return unclear(`no log line shows its broadcast; it is ${isSubscribed ? '' : 'not '}subscribed now`);
}
