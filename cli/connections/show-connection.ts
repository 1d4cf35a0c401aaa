import { type ConnectionRecords, findConnectionRecords } from '../../shared/store/operator-connections.ts';
import type { OwedCatchUp } from '../../shared/store/owed.ts';
import { CLI_BOUNDS } from '../bounds.ts';
import type { ExitCode, Invocation } from '../command.ts';
import { OperatorError } from '../operator-error.ts';
import { counted, duration } from '../output.ts';
import { tableOf } from '../table-of.ts';
import { reasonOf } from '../trace/find-broadcasts.ts';
import { findMisses, type MissedTopic } from './find-misses.ts';
import { findOpen, type OpenState } from './find-open.ts';

/** Shows all that is known of one connection. Throws OperatorError for one that nobody knows. */
export async function showConnection({ output, backend }: Invocation, connectionId: string): Promise<ExitCode> {
  const opened = await backend();
  const records = await findConnectionRecords(tableOf(opened, 'subscriptionsTable'), connectionId);
  const state = await findOpen(opened.callback, connectionId);
  if (records === undefined && state.is === 'unknown') throw new OperatorError(`${connectionId}: ${state.reason}`);
  if (records === undefined && state.is === 'closed') throw new OperatorError(noSuch(connectionId));
  const misses = await findMisses(opened, connectionId);
  output.line(
    `${connectionId}  ${stateOf(state)}${records === undefined ? '' : `, connected ${ago(records.connectedAt)}`}`,
  );
  if (records === undefined) output.line('It has no records: nothing is delivered to it until it subscribes again.');
  else showRecords(records, output);
  for (const missed of misses) output.line(sayMissed(missed));
  output.data({ connectionId, ...jsonOf(records, state), undelivered: misses.map(missedJson) });
  if (state.is === 'unknown') output.note(state.reason);
  for (const sentence of opened.logs.unread) output.note(sentence);
  return 0;
}

const noSuch = (connectionId: string): string =>
  `There is no connection ${connectionId}: it has no records, and API Gateway has closed it or never had it. See distributary connections list`;

const ago = (ms: number): string => `${duration(Date.now() - ms)} ago`;

function stateOf(state: OpenState): string {
  if (state.is === 'closed') return 'closed; its records go with the next delivery, or expire';
  if (state.is === 'unknown') return 'open or closed';
  const { sourceIp, lastActiveAt } = state;
  const from = sourceIp === undefined ? '' : `, from ${sourceIp}`;
  return `open${from}${lastActiveAt === undefined ? '' : `, last active ${ago(lastActiveAt.getTime())}`}`;
}

function showRecords({ subscriptions, watches, owed }: ConnectionRecords, output: Invocation['output']): void {
  const watched = new Set(watches);
  output.table(
    ['topic', 'frames', 'presence'],
    subscriptions.map(({ topic, batch }) => [topic, batch ? 'in batches' : 'single', watched.has(topic) ? 'yes' : '-']),
  );
  output.line(counted(subscriptions.length, 'topic'));
  for (const debt of owed) output.line(sayOwed(debt));
}

function sayOwed({ topic, position, sinceMs, tryAtMs }: OwedCatchUp): string {
  const from = position === undefined ? '' : ` after seq ${position.seq}`;
  const waitMs = tryAtMs - Date.now();
  const next = waitMs > 0 ? `in ${duration(waitMs)}` : 'now';
  return `owed a catch-up of ${topic}${from}, for ${duration(Date.now() - sinceMs)}: it did not take frames. Next try: ${next}`;
}

const sayMissed = ({ topic, outcome, times, lastAtMs }: MissedTopic): string =>
  `${topic}: ${counted(times, 'batch', 'batches')} not delivered in the last ${duration(CLI_BOUNDS.MEASURED_MS)}, the last ${ago(lastAtMs)}: ${reasonOf(outcome)}`;

const iso = (ms: number): string => new Date(ms).toISOString();

const jsonOf = (records: ConnectionRecords | undefined, state: OpenState) => ({
  state: state.is,
  ...(state.is === 'open' ? { lastActiveAt: state.lastActiveAt?.toISOString(), sourceIp: state.sourceIp } : {}),
  ...(records === undefined ? {} : { connectedAt: iso(records.connectedAt) }),
  subscriptions: records?.subscriptions ?? [],
  watches: records?.watches ?? [],
  owed: (records?.owed ?? []).map(({ topic, position, sinceMs, notedAtMs, tryAtMs }) => ({
    topic,
    ...(position === undefined ? {} : { after: position }),
    since: iso(sinceMs),
    noted: iso(notedAtMs),
    nextTry: iso(tryAtMs),
  })),
});

const missedJson = ({ lastAtMs, ...missed }: MissedTopic) => ({ ...missed, last: iso(lastAtMs) });
