import type { ServerResponse } from 'node:http';

/** Answers a request with a status and a JSON message, in the form that API Gateway uses. */
export function answerJson(response: ServerResponse, status: number, message: string): void {
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify({ message }));
}
