import type { IncomingMessage, ServerResponse } from 'node:http';
import { answerJson, PRIVATE_HEADERS, splitTarget } from './gateway/http.ts';
import type { IssuerFacts } from './issuer/issuer.ts';

/**
 * The addresses of a running application for tools on this machine, and the outputs that a deployed stack would have.
 */
export interface RuntimeInfo {
  readonly region: string;
  readonly endpoints: {
    readonly dynamodb: string;
    readonly s3: string;
    readonly lambda: string;
    /** The callback address of the port that answers; empty where no WebSocket API is. */
    readonly callback: string;
  };
  /** All stages of all WebSocket APIs. */
  readonly stages: readonly StageInfo[];
  readonly outputs: Readonly<Record<string, string>>;
  readonly issuer: IssuerFacts;
}

/** A stage of a WebSocket API: where clients connect, and where functions call back. */
export interface StageInfo {
  /** The logical id of the API. */
  readonly api: string;
  readonly apiId: string;
  readonly stage: string;
  readonly url: string;
  readonly callback: string;
}

type Serve = (request: IncomingMessage, response: ServerResponse) => void;

/** The path of the runtime's own information, on the gateway's port. */
const INFO_PATH = '/_runtime';

/** Serves `GET /_runtime`, and passes every other request to `page`. */
export function serveRuntimeInfo(info: RuntimeInfo, page: Serve | undefined): Serve {
  const body = JSON.stringify(info);
  return (request, response) => {
    if (splitTarget(request.url ?? '/')[0] === INFO_PATH) return answerInfo(request, response, body);
    if (page === undefined) return answerJson(response, 403, 'Forbidden');
    return page(request, response);
  };
}

function answerInfo({ method }: IncomingMessage, response: ServerResponse, body: string): void {
  if (method !== 'GET') return answerJson(response, 405, 'Method Not Allowed');
  response.writeHead(200, { ...PRIVATE_HEADERS, 'Content-Type': 'application/json' }).end(body);
}
