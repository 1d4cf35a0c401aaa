import { setTimeout as sleep } from 'node:timers/promises';
import { request } from 'undici';
import { eachStamp } from './stamped.ts';
import type { Client, LoadTarget, OnStamp } from './client.ts';

const JSON_TYPE = { 'Content-Type': 'application/json' } as const;

/**
 * The time in ms from an answer to the next request of its reader, as over a network. Without it the requests of the
 * first readers hold up the answers to the last ones, which are in the same process.
 */
const AWAY_MS = 20;

/** The header with the offset from which a reader goes on. */
const NEXT_OFFSET = 'stream-next-offset';

/** Opens a reader of a durable stream by long poll, which asks again after each answer. Publishes by POST. */
export async function openLongPoll({ url, topics: [topic = ''] }: LoadTarget, onStamp: OnStamp): Promise<Client> {
  const stream = `${url}/v1/stream/${topic}`;
  const offset = await createStream(stream);
  void readOn(stream, offset, onStamp);
  return { publish: (message) => void appendTo(stream, message) };
}

/** Opens a reader of a durable stream by server-sent events. Publishes by POST. */
export async function openEvents({ url, topics: [topic = ''] }: LoadTarget, onStamp: OnStamp): Promise<Client> {
  const stream = `${url}/v1/stream/${topic}`;
  const offset = await createStream(stream);
  const response = await fetch(`${stream}?offset=${offset}&live=sse`);
  void readEvents(response, onStamp);
  return { publish: (message) => void appendTo(stream, message) };
}

/** Appends one message to a stream. Throws where the server does not take it. */
export async function appendTo(stream: string, message: string): Promise<void> {
  const response = await fetch(stream, { method: 'POST', headers: JSON_TYPE, body: message });
  await response.arrayBuffer();
  if (!response.ok) throw new Error(`The append was answered by ${response.status}.`);
}

/** Creates a JSON stream, unless it is there. Resolves to the offset of its end. */
export async function createStream(stream: string): Promise<string> {
  const response = await fetch(stream, { method: 'PUT', headers: JSON_TYPE });
  await response.arrayBuffer();
  const offset = response.headers.get(NEXT_OFFSET);
  if (!response.ok || offset === null) throw new Error(`The stream was not created: ${response.status}.`);
  return offset;
}

/**
 * Reads until the process ends, by undici itself: `fetch` costs several times as much for each answer, and the readers
 * share a process. A request that fails ends it: its messages are then missing, which fails the bench.
 */
async function readOn(stream: string, from: string, onStamp: OnStamp): Promise<void> {
  let [offset, cursor] = [from, ''];
  for (;;) {
    const { statusCode, headers, body } = await request(`${stream}?offset=${offset}&live=long-poll${cursor}`);
    const text = await body.text();
    if (statusCode >= 300) throw new Error(`The long poll was answered by ${statusCode}.`);
    eachStamp(text, onStamp);
    offset = String(headers[NEXT_OFFSET] ?? offset);
    const next = headers['stream-cursor'];
    cursor = next === undefined ? '' : `&cursor=${String(next)}`;
    await sleep(AWAY_MS);
  }
}

async function readEvents({ body }: Response, onStamp: OnStamp): Promise<void> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const bytes of body ?? []) {
    const events = (rest + decoder.decode(bytes, { stream: true })).split('\n\n');
    rest = events.pop() ?? '';
    for (const event of events) eachStamp(event, onStamp);
  }
}
