import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { toDurableStreamResponse } from '@durable-streams/aisdk-transport';
import type { UIMessageChunk } from 'ai';
import { type HttpServer, startHttpServer } from './http-server.ts';

/** The back end of a chat: it writes a model's answer to a stream of the door, and hands readers on to it. */
export interface AiAppOptions {
  /** The address of a stream of the door. */
  readonly streamUrl: string;
  /** The headers with the token of the back end. */
  readonly headers: Readonly<Record<string, string>>;
  /** Yields what the model answers. */
  readonly answer: () => AsyncIterable<UIMessageChunk>;
}

/** Starts an app as the transport of the AI SDK expects one. Its own page has no token for the door. */
export async function startAiApp(options: AiAppOptions): Promise<HttpServer> {
  const server: HttpServer = await startHttpServer(({ method, path }, response) => {
    const { pathname, search } = new URL(path, server.url);
    const readUrl = `${server.url}/read`;
    if (pathname === '/read') return void handOn(options, search, response);
    if (method === 'POST') return void generate(options, readUrl, response);
    response.writeHead(200, { Location: readUrl }).end();
  });
  return server;
}

async function generate({ streamUrl, headers, answer }: AiAppOptions, readUrl: string, response: ServerResponse) {
  const stream = { writeUrl: streamUrl, readUrl, headers };
  await send(await toDurableStreamResponse({ source: answer(), stream }), response);
}

/** Passes a read on with the token, and its answer back as it comes. */
async function handOn({ streamUrl, headers }: AiAppOptions, search: string, response: ServerResponse) {
  const left = new AbortController();
  response.once('close', () => left.abort());
  await send(await fetch(`${streamUrl}${search}`, { headers, signal: left.signal }), response);
}

async function send({ status, headers, body }: Response, response: ServerResponse): Promise<void> {
  response.writeHead(status, Object.fromEntries(headers));
  if (body === null) return void response.end();
  try {
    await pipeline(Readable.fromWeb(body), response);
  } catch (error) {
    // The reader has left: a page that was reloaded.
    if (!response.destroyed) throw error;
  }
}
