import { existsSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { answerJson, PRIVATE_HEADERS, readBody, splitTarget } from '../gateway/http.ts';
import type { LambdaPool } from '../lambda/lambda-pool.ts';
import type { Json } from '../model.ts';
import { createPage, type Page } from '../page.ts';
import { VIEW } from './bounds.ts';
import { invocationDetails, maskedDetails, type Viewed, viewState } from './view-state.ts';

/** The path of the view. */
export const VIEW_PATH = '/_local';

/** The folder of the page's files, in the repository as in a built package: a chunk of it lies one folder deep too. */
const FILES = [join(import.meta.dirname, '..', '..', 'web'), join(import.meta.dirname, '..', 'web')];

/** The view's own document. The other files have the names by which it asks for them. */
const DOCUMENT = '/view.html';

/** The parts of a running application that the view shows and acts on. */
export interface ViewDeps extends Viewed, Pick<LambdaPool, 'invokeJson'> {
  readonly warn: (message: string) => void;
}

/**
 * Serves the view of a running application at `/_local`, and passes every other request to `page`. The gateway has
 * refused foreign web pages before. A request that does something must be JSON too, which a page of another origin
 * cannot send without a preflight, and nobody answers that.
 */
export function serveView(deps: ViewDeps, page: Page): Page {
  const files = createPage(FILES.find((folder) => existsSync(join(folder, DOCUMENT))) ?? '', deps.warn);
  return (request, response, next) => {
    const [path] = splitTarget(request.url ?? '/');
    if (path === VIEW_PATH) return void response.writeHead(308, { Location: `${VIEW_PATH}/` }).end();
    if (!path.startsWith(`${VIEW_PATH}/`)) return page(request, response, next);
    const own = path.slice(VIEW_PATH.length);
    if (request.method === 'POST') return act(deps, { own, request, response });
    if (own === '/state') return void viewState(deps).then((state) => answer(response, state), failWith(response));
    if (own.startsWith('/invocations/')) return show(deps, own.slice('/invocations/'.length), response);
    request.url = own === '/' ? DOCUMENT : own;
    files(request, response);
  };
}

function show(deps: ViewDeps, id: string, response: ServerResponse): void {
  const details = invocationDetails(deps, id);
  if (details === undefined) answerJson(response, 404, 'This invocation is not kept any more');
  else answer(response, maskedDetails(details));
}

interface Act {
  readonly own: string;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** Does what a click asks for. */
function act(deps: ViewDeps, { own, request, response }: Act): void {
  if (request.headers['content-type'] !== 'application/json') return answerJson(response, 415, 'Only JSON is taken');
  readBody(request, VIEW.requestBytes, (body) => {
    const id = body === 'too-large' ? undefined : idOf(body.toString());
    if (id === undefined) answerJson(response, 400, 'The body is {"id": TEXT}');
    else if (own === '/replay') void replay(deps, id, response);
    else if (own === '/drop') drop(deps, id, response);
    else answerJson(response, 404, 'Not Found');
  });
}

function idOf(text: string): string | undefined {
  try {
    const value: Json = JSON.parse(text);
    const id: unknown = Reflect.get(Object(value), 'id');
    return typeof id === 'string' ? id : undefined;
  } catch {
    // Not JSON: the answer says what is.
    return undefined;
  }
}

/** Invokes a function with an event that it had before. */
async function replay(deps: ViewDeps, id: string, response: ServerResponse): Promise<void> {
  const seen = invocationDetails(deps, id);
  if (seen === undefined) return answerJson(response, 404, 'This invocation is not kept any more');
  if (!seen.isWhole) return answerJson(response, 409, 'The event is too large to be kept whole');
  const { requestId, outcome } = await deps.invokeJson(seen.functionArn, seen.event, { source: 'view' });
  const again = deps.observations.invocations().find((one) => one.requestId === requestId);
  answer(response, { id: again?.id, kind: outcome.kind });
}

function drop({ gateways }: ViewDeps, id: string, response: ServerResponse): void {
  const isDropped = gateways().some((gateway) => gateway.closeConnection(id));
  if (isDropped) answer(response, { dropped: id });
  else answerJson(response, 404, 'This connection has ended');
}

const failWith =
  (response: ServerResponse) =>
  (error: unknown): void =>
    answerJson(response, 500, String(error));

function answer(response: ServerResponse, value: object): void {
  response.writeHead(200, { ...PRIVATE_HEADERS, 'Content-Type': 'application/json' }).end(JSON.stringify(value));
}
