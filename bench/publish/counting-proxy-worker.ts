import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Pool } from 'undici';
import { serve } from '../processes/serve.ts';

/** The number of calls by name. This proxy passes every call on to the engine. */
const calls = new Map<string, number>();
let engine: Pool | undefined;

const server = createServer((request, response) => {
  handOn(request, response).catch((error: unknown) => {
    response.writeHead(502).end(String(error));
  });
});

async function handOn(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const target = String(request.headers['x-amz-target']);
  calls.set(target, (calls.get(target) ?? 0) + 1);
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  const { connection: _connection, 'transfer-encoding': _encoding, ...headers } = request.headers;
  const answer = await engine?.request({ method: 'POST', path: '/', headers, body: Buffer.concat(chunks) });
  const body = Buffer.from((await answer?.body.text()) ?? '');
  response.writeHead(answer?.statusCode ?? 502, {
    'content-type': 'application/x-amz-json-1.0',
    'content-length': body.length,
  });
  response.end(body);
}

const commands = {
  /** Listens on a free port, and resolves to it. */
  listen: async ({ engineUrl }: { engineUrl: string }): Promise<number> => {
    engine = new Pool(engineUrl, { connections: 64 });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  },
  /** Returns the calls since the last `take`. */
  take: async (_input: undefined): Promise<Readonly<Record<string, number>>> => {
    const taken = Object.fromEntries(calls);
    calls.clear();
    return taken;
  },
};

/** The commands of this worker. */
export type ProxyCommands = typeof commands;

serve(commands);
