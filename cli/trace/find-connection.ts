import { findSubscription } from '../../shared/store/operator-connections.ts';
import type { Backend } from '../backend.ts';
import { CLI_BOUNDS } from '../bounds.ts';
import { fieldText, findLines, type LogLine, numberOf, objectsOf, textOf } from '../logs/find-lines.ts';
import { tableOf } from '../table-of.ts';

/** What a connection did and got, as far as the topic is concerned. */
export interface ConnectionEvent {
  readonly atMs: number;
  readonly what: 'connected' | 'subscribed' | 'unsubscribed' | 'disconnected' | 'caught-up' | 'post-failed';
  readonly requestId: string;
  /** Of a catch-up. */
  readonly answer?: CatchUpLine;
  /** Of a post that failed. */
  readonly error?: string;
}

export interface CatchUpLine {
  readonly outcome: string;
  readonly epoch: string | undefined;
  readonly seq: number;
  readonly recovered: boolean;
  readonly messages: number;
  readonly fromSeq: number | undefined;
}

export interface TracedConnection {
  readonly connectionId: string;
  /** The subscription's record is there now. */
  readonly isSubscribed: boolean;
  readonly connectedAtMs: number | undefined;
  readonly events: readonly ConnectionEvent[];
}

interface Sought {
  readonly topic: string;
  /** When it was published, about. */
  readonly sinceMs: number | undefined;
}

/** Whose lines tell of a connection: its own frames, and the posts to it. */
const ROLES = ['connect', 'disconnect', 'subscribe', 'unsubscribe', 'catch-up', 'broadcast', 'fan-out'] as const;

/** The story of a connection and a topic: its record, and its log lines. */
export async function findConnection(
  backend: Backend,
  connectionId: string,
  { topic, sinceMs }: Sought,
): Promise<TracedConnection> {
  const subscription = await findSubscription(tableOf(backend, 'subscriptionsTable'), connectionId, topic);
  const lines = await findLines(backend, {
    contains: [fieldText('connectionId', connectionId)],
    roles: ROLES,
    sinceMs: sinceMs === undefined ? undefined : sinceMs - CLI_BOUNDS.LOG_CONNECTION_MS,
  });
  return {
    connectionId,
    isSubscribed: subscription !== undefined,
    connectedAtMs: subscription?.connectedAt,
    events: lines.flatMap((line) => eventOf(line, connectionId, topic)),
  };
}

function eventOf(line: LogLine, connectionId: string, topic: string): ConnectionEvent[] {
  const { atMs, requestId, fields } = line;
  const isOwn = textOf(fields, 'connectionId') === connectionId;
  const what = isOwn ? whatOf(line, topic) : undefined;
  if (what === undefined) return [];
  if (what === 'caught-up') return answersOf(fields, topic).map((answer) => ({ atMs, what, requestId, answer }));
  if (what === 'post-failed') return [{ atMs, what, requestId, error: errorOf(fields) }];
  return [{ atMs, what, requestId }];
}

function whatOf({ message, service, fields }: LogLine, topic: string): ConnectionEvent['what'] | undefined {
  if (message === 'connected' || message === 'disconnected') return message;
  if (message === 'caught up') return 'caught-up';
  if (message === 'post failed') return 'post-failed';
  if (message !== 'frame' || textOf(fields, 'topic') !== topic) return undefined;
  if (service === 'subscribe') return 'subscribed';
  return service === 'unsubscribe' ? 'unsubscribed' : undefined;
}

/** A ping is answered topic after topic, until one is not taken: those before it were. */
function answersOf(fields: LogLine['fields'], topic: string): CatchUpLine[] {
  const answers = objectsOf(fields, 'topics');
  return answers.flatMap((each, place) =>
    textOf(each, 'topic') === topic
      ? [
          {
            outcome: place === answers.length - 1 ? textOf(fields, 'outcome') : 'delivered',
            epoch: textOf(each, 'epoch') || undefined,
            seq: numberOf(each, 'seq') ?? 0,
            recovered: each['recovered'] === true,
            messages: numberOf(each, 'messages') ?? 0,
            fromSeq: numberOf(each, 'fromSeq'),
          },
        ]
      : [],
  );
}

function errorOf(fields: LogLine['fields']): string {
  const error = fields['error'];
  if (typeof error !== 'object' || error === null) return 'unknown';
  return [
    ...('name' in error ? [String(error.name)] : []),
    ...('message' in error ? [String(error.message)] : []),
  ].join(': ');
}
