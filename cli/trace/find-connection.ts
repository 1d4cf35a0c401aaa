import { wildcardsOver } from '../../shared/protocol/wildcard.ts';
import { findSubscription } from '../../shared/store/operator-connections.ts';
import type { Backend } from '../backend.ts';
import { CLI_BOUNDS } from '../bounds.ts';
import {
  serializedField,
  findLines,
  type FunctionLogLine,
  numberField,
  objectsField,
  textField,
} from '../logs/find-lines.ts';
import { tableOf } from '../table-of.ts';

/** An event of a connection that concerns the topic. */
export interface ConnectionEvent {
  readonly atMs: number;
  readonly what:
    | 'let-in'
    | 'connected'
    | 'subscribed'
    | 'unsubscribed'
    | 'disconnected'
    | 'caught-up'
    | 'post-failed'
    | 'flooding'
    | 'refused';
  readonly requestId: string;
  /** The answer of a catch-up. */
  readonly answer?: CatchUpLine;
  /** The error of a post that failed. */
  readonly error?: string;
  /** The subject of the token by which it was let in. */
  readonly subject?: string;
  /** The function that refused a handshake or a frame, and the code of the refusal. */
  readonly refusal?: { readonly service: string; readonly code: string };
}

/** The log line of a catch-up. */
export interface CatchUpLine {
  readonly outcome: string;
  readonly epoch: string | undefined;
  readonly seq: number;
  readonly recovered: boolean;
  readonly messages: number;
  readonly fromSeq: number | undefined;
}

/** The story of one connection around a message. */
export interface TracedConnection {
  readonly connectionId: string;
  /** Whether a subscription to the topic, or to a wildcard over it, exists now. */
  readonly isSubscribed: boolean;
  readonly connectedAtMs: number | undefined;
  readonly events: readonly ConnectionEvent[];
}

interface Sought {
  readonly topic: string;
  /** The approximate time of the publish. */
  readonly sinceMs: number | undefined;
}

/** The functions whose lines name a connection: those of its frames, and those that post to it. */
const ROLES = [
  'authorize',
  'connect',
  'disconnect',
  'subscribe',
  'unsubscribe',
  'catch-up',
  'presence',
  'broadcast',
  'shard-worker',
] as const;

/** Finds the record and the log lines of a connection and a topic. */
export async function findConnection(
  backend: Backend,
  connectionId: string,
  { topic, sinceMs }: Sought,
): Promise<TracedConnection> {
  const table = tableOf(backend, 'subscriptionsTable');
  const names = [topic, ...wildcardsOver(topic)];
  const found = await Promise.all(names.map((name) => findSubscription(table, connectionId, name)));
  const subscription = found.find((each) => each !== undefined);
  const lines = await findLines(backend, {
    contains: [serializedField('connectionId', connectionId)],
    roles: ROLES,
    sinceMs: sinceMs === undefined ? undefined : sinceMs - CLI_BOUNDS.LOG_CONNECTION_MS,
  });
  return {
    connectionId,
    isSubscribed: subscription !== undefined,
    connectedAtMs: subscription?.connectedAt,
    events: lines.flatMap((line) => eventOf(line, connectionId, new Set(names))),
  };
}

/** Returns the event of a line that concerns one of the names: the topic, and the wildcards over it. */
function eventOf(line: FunctionLogLine, connectionId: string, names: ReadonlySet<string>): ConnectionEvent[] {
  const { atMs, requestId, fields } = line;
  const isOwn = textField(fields, 'connectionId') === connectionId;
  const what = isOwn ? whatOf(line, names) : undefined;
  if (what === undefined) return [];
  if (what === 'caught-up') return answersOf(fields, names).map((answer) => ({ atMs, what, requestId, answer }));
  if (what === 'post-failed') return [{ atMs, what, requestId, error: errorOf(fields) }];
  if (what === 'let-in') return [{ atMs, what, requestId, subject: textField(fields, 'sub') }];
  if (what === 'refused') {
    return [
      { atMs, what, requestId, refusal: { service: line.service, code: textField(fields, 'code') || 'invalid' } },
    ];
  }
  return [{ atMs, what, requestId }];
}

/** The log lines of what was refused to a connection. That of a frame does not name its topic. */
const REFUSALS: ReadonlySet<string> = new Set(['handshake refused', 'connect refused', 'frame refused']);

function whatOf(
  { message, service, fields }: FunctionLogLine,
  names: ReadonlySet<string>,
): ConnectionEvent['what'] | undefined {
  if (message === 'connected' || message === 'disconnected') return message;
  if (message === 'caught up') return 'caught-up';
  if (message === 'post failed') return 'post-failed';
  if (message === 'handshake allowed') return 'let-in';
  if (message === 'connection floods') return 'flooding';
  if (REFUSALS.has(message)) return 'refused';
  if (message !== 'frame' || !names.has(textField(fields, 'topic'))) return undefined;
  if (service === 'subscribe') return 'subscribed';
  return service === 'unsubscribe' ? 'unsubscribed' : undefined;
}

/**
 * Returns the answers for the names. A ping is answered topic by topic, until one post fails: those before it
 * succeeded.
 */
function answersOf(fields: FunctionLogLine['fields'], names: ReadonlySet<string>): CatchUpLine[] {
  const answers = objectsField(fields, 'topics');
  return answers.flatMap((each, index) =>
    names.has(textField(each, 'topic'))
      ? [
          {
            outcome: index === answers.length - 1 ? textField(fields, 'outcome') : 'delivered',
            epoch: textField(each, 'epoch') || undefined,
            seq: numberField(each, 'seq') ?? 0,
            recovered: each['recovered'] === true,
            messages: numberField(each, 'messages') ?? 0,
            fromSeq: numberField(each, 'fromSeq'),
          },
        ]
      : [],
  );
}

function errorOf(fields: FunctionLogLine['fields']): string {
  const error = fields['error'];
  if (typeof error !== 'object' || error === null) return 'unknown';
  return [
    ...('name' in error ? [String(error.name)] : []),
    ...('message' in error ? [String(error.message)] : []),
  ].join(': ');
}
