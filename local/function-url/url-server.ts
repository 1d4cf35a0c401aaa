import { createServer, type Server } from 'node:http';
import { answerJson } from '../gateway/http.ts';
import type { FunctionUrlModel } from '../model.ts';
import { createOriginGuard } from '../origin-guard.ts';
import { listen } from '../ports.ts';
import { type FunctionUrlDeps, serveFunctionUrl } from './serve-function-url.ts';

/** The server of one function URL. */
export interface UrlServer {
  close(): Promise<void>;
}

/** Serves a function URL on its own port, as it has a host of its own on AWS. Web pages are refused. */
export async function startUrlServer(url: FunctionUrlModel, deps: FunctionUrlDeps): Promise<UrlServer> {
  const ports = new Set<number>();
  const guard = createOriginGuard({ ports });
  const serve = serveFunctionUrl(url, deps);
  const server = createServer((request, response) =>
    guard.refuses(request.headers) ? answerJson(response, 403, 'Forbidden') : serve(request, response),
  );
  ports.add(await listen(server, url.port));
  return { close: () => closeServer(server) };
}

async function closeServer(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeAllConnections();
  await closed;
}
