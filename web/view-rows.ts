import { button, part } from './element.ts';
import type { ViewedConnection, ViewedInvocation, ViewedMapping, ViewFacts } from './view-facts.ts';

/** Returns a time of day, as the terminal shows it. */
const clock = (atMs: number): string => new Date(atMs).toISOString().slice(11, 23);

/** Returns the row of a connection, with a button that drops it. */
export function connectionRow(connection: ViewedConnection, now: number, drop: () => void): HTMLElement {
  const { connectionId, stage, connectedAt, lastActiveAt, userAgent = 'no user agent', items } = connection;
  const quiet = button('Drop', drop);
  quiet.setAttribute('aria-label', `Drop ${connectionId}`);
  const idle = `idle ${seconds(now - lastActiveAt)}`;
  const facts = `/${stage} · connected ${seconds(now - connectedAt)} ago · ${idle} · ${shortened(userAgent)}`;
  const row = rowOf([part('code', '', connectionId), quiet, part('p', 'facts', facts)]);
  const keys = items.flatMap((found) => found.keys.map((key) => ({ key, table: found.table })));
  if (keys.length === 0) return row;
  const chips = part('p', 'chips', '');
  for (const { key, table } of keys) chips.append(chip(key, table));
  row.append(chips);
  return row;
}

function chip(key: string, table: string): HTMLElement {
  const made = part('span', '', key);
  made.title = `in ${table}`;
  return made;
}

const AGENT_CHARACTERS = 60;

const shortened = (text: string): string =>
  text.length > AGENT_CHARACTERS ? `${text.slice(0, AGENT_CHARACTERS)}…` : text;

/** Returns the row of an invocation, which is chosen by a click. */
export function invocationRow(invocation: ViewedInvocation, isChosen: boolean, choose: () => void): HTMLElement {
  const made = button('', choose);
  made.className = '';
  made.setAttribute('aria-current', String(isChosen));
  const { startedAt, functionName, kind, durationMs } = invocation;
  const time = part('time', 'facts', clock(startedAt));
  const outcome = kind === undefined ? 'runs' : kind === 'success' ? `${durationMs} ms` : `${kind} ${durationMs} ms`;
  made.append(time, named(functionName), part('span', hasFailed(invocation) ? 'facts bad' : 'facts', outcome));
  const row = document.createElement('li');
  row.append(made);
  return row;
}

/** Whether an invocation has ended without a result. */
export const hasFailed = ({ kind }: ViewedInvocation): boolean => kind !== undefined && kind !== 'success';

/** Returns the row of an event source mapping: how far it has read, and what waits. */
export function mappingRow(mapping: ViewedMapping, now: number): HTMLElement {
  const { logicalId, functionName, source, enabled, position, waiting, waitingSinceMs } = mapping;
  const since = waitingSinceMs === undefined ? '' : `, ${seconds(now - waitingSinceMs)} behind`;
  const behind = waiting === 0 && since === '' ? 'caught up' : `${waiting} waiting${since}`;
  const lag = part('span', waiting > 0 ? 'facts bad' : 'facts', enabled ? behind : 'disabled');
  const at = position === undefined ? '' : position === '0' ? 'at its start' : `at ${position}`;
  const row = rowOf([
    part('span', 'name-of', `${short(source)} → ${short(functionName)}`),
    lag,
    part('p', 'facts', at),
  ]);
  row.title = `${logicalId}: ${source} → ${functionName}`;
  return row;
}

/** Returns the row of a grant that was refused. */
export const refusalRow = ({ functionName, message, count }: ViewFacts['refusals'][number]): HTMLElement =>
  rowOf([named(functionName), part('span', 'facts', `${count} ×`), part('p', 'facts bad', message)]);

/** Returns the row of a line of the runtime. */
export const lineRow = ({ at, text }: ViewFacts['lines'][number]): HTMLElement =>
  rowOf([part('span', '', text), part('time', 'facts', clock(at))]);

/** Returns a physical name, shown without what a deployment has added. */
function named(name: string): HTMLElement {
  const made = part('span', 'name-of', short(name));
  made.title = name;
  return made;
}

/** Returns the logical id in a generated name such as `Stack-LogicalId0A1B2C3D`; any other name as it is. */
export const short = (name: string): string => /^[\w-]+?-(\w+?)[0-9A-F]{8}$/.exec(name)?.[1] ?? name;

function rowOf(parts: readonly HTMLElement[]): HTMLElement {
  const row = document.createElement('li');
  row.append(...parts);
  return row;
}

/** Returns a span of time in words. */
function seconds(ms: number): string {
  const whole = Math.max(0, Math.round(ms / 1_000));
  return whole < 120 ? `${whole} s` : `${Math.round(whole / 60)} min`;
}
