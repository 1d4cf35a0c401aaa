import { element } from './element.ts';
import { showDetail } from './view-detail.ts';
import type { ViewedDetails, ViewFacts } from './view-facts.ts';
import { connectionRow, invocationRow, hasFailed, lineRow, mappingRow, refusalRow } from './view-rows.ts';

/** Time in ms between two looks. */
const LOOK_MS = 1_000;

const onlyFailures = element('only-failures');
/** The data that each list shows, so that a list that has not changed is left alone, with its focus and its place. */
const shown = new Map<string, string>();
let chosen = '';
let facts: ViewFacts | undefined;

function fill(id: string, key: unknown, rows: () => readonly HTMLElement[]): void {
  const now = JSON.stringify(key);
  if (shown.get(id) === now) return;
  shown.set(id, now);
  const list = element(id);
  const hadFocus = [...list.querySelectorAll('button')].findIndex((one) => one === document.activeElement);
  list.replaceChildren(...rows());
  if (hadFocus !== -1) list.querySelectorAll('button')[hadFocus]?.focus();
}

function show(): void {
  if (facts === undefined) return;
  const { now, stages, connectionCount, connections, environments, mappings, refusals, lines } = facts;
  status('online', stages[0] ?? 'no WebSocket API');
  element('connection-count').textContent = `${connectionCount}`;
  element('environment-count').textContent = `${environments.all} execution environments, ${environments.busy} busy`;
  const second = Math.floor(now / 1_000);
  fill('connections', [connections, connections.length > 0 && second], () =>
    connections.map((one) => connectionRow(one, now, () => void send('drop', one.connectionId))),
  );
  fill('mappings', [mappings, mappings.some(({ waiting }) => waiting > 0) && second], () =>
    mappings.map((one) => mappingRow(one, now)),
  );
  fill('refusals', refusals, () => refusals.map(refusalRow));
  fill('lines', lines, () => lines.map(lineRow));
  showInvocations(facts);
}

function showInvocations({ invocations }: ViewFacts): void {
  const isOnlyFailures = onlyFailures instanceof HTMLInputElement && onlyFailures.checked;
  const wanted = invocations.filter((one) => !isOnlyFailures || hasFailed(one));
  fill('invocations', [wanted, chosen], () =>
    wanted.map((one) => invocationRow(one, one.id === chosen, () => void open(one.id))),
  );
}

/** Opens an invocation that was clicked. */
async function open(id: string): Promise<void> {
  clearNotice();
  await choose(id);
}

async function choose(id: string): Promise<void> {
  chosen = id;
  show();
  const details = await ask<ViewedDetails>(`invocations/${id}`);
  if (details !== undefined && chosen === id) {
    showDetail(element('detail'), details, () => void replay(id));
  }
}

async function replay(id: string): Promise<void> {
  // Without an id where the function took no invocation.
  const answer = await send<{ readonly id?: string }>('replay', id);
  if (answer?.id !== undefined) await choose(answer.id);
}

/** Asks the runtime to do something, and looks at what it has done. */
async function send<Answer>(what: string, id: string): Promise<Answer | undefined> {
  clearNotice();
  const body = JSON.stringify({ id });
  const answer = await ask<Answer>(what, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  await look();
  return answer;
}

/** Asks the runtime. Resolves to undefined, and says why, when it does not answer as asked. */
async function ask<Answer>(path: string, options: RequestInit = {}): Promise<Answer | undefined> {
  try {
    const response = await fetch(path, options);
    const answer = await response.json();
    if (!response.ok) element('notice').textContent = String(answer.message);
    return response.ok ? answer : undefined;
  } catch {
    status('offline', 'The runtime has ended');
    return undefined;
  }
}

/** Removes what went wrong before, at the next click: until then somebody may read it. */
function clearNotice(): void {
  element('notice').textContent = '';
}

function status(name: 'online' | 'offline', text: string): void {
  const [pill, words] = [element('status'), element('status-text')];
  pill.dataset['status'] = name;
  // A screen reader would read an unchanged text again.
  if (words.textContent !== text) words.textContent = text;
}

async function look(): Promise<void> {
  const found = await ask<ViewFacts>('state');
  facts = found ?? facts;
  if (found !== undefined) show();
}

async function watch(): Promise<void> {
  if (!document.hidden) await look();
  setTimeout(() => void watch(), LOOK_MS);
}

onlyFailures.addEventListener('change', show);
void watch();
