import type { ServerResponse } from 'node:http';

/** An answer as API Gateway gives to what is no call of its own: a status, and a message as JSON. */
export function answerJson(response: ServerResponse, status: number, message: string): void {
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify({ message }));
}
