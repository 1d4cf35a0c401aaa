import { randomUUID } from 'node:crypto';
import type { ServiceOutputTypes } from '@aws-sdk/client-dynamodb';
import { bodyOf, type HttpAnswer, headerOf } from '../http/http-answer.ts';

/** The operations whose inputs and outputs are the same in JSON as in the client, but for bytes. */
export const JSON_OPERATIONS: ReadonlySet<string> = new Set([
  'GetItem',
  'Query',
  'BatchGetItem',
  'PutItem',
  'UpdateItem',
  'DeleteItem',
  'BatchWriteItem',
  'TransactWriteItems',
]);

/** The operation that the client makes safe to repeat by a token of its own. */
const TOKENED = 'TransactWriteItems';

/** An answer as the client's own reader takes it. */
export interface ClientResponse {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** Returns an operation's input as JSON, or undefined if it has bytes, which JSON has as base64. */
export function inputJson(operation: string, input: object): string | undefined {
  if (hasBytes(input)) return undefined;
  return JSON.stringify(operation === TOKENED ? { ClientRequestToken: randomUUID(), ...input } : input);
}

function hasBytes(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return ArrayBuffer.isView(value) || Object.values(value).some(hasBytes);
}

/**
 * Returns the client's output of an answer, or undefined if the client has to read it: an error, or items with bytes.
 */
export function outputOf(http: HttpAnswer): ServiceOutputTypes | undefined {
  if (http.status !== 200 || !http.isWhole) return undefined;
  const body = bodyOf(http);
  if (mayHaveBytes(body)) return undefined;
  const requestId = headerOf(http, 'x-amzn-requestid');
  const output: ServiceOutputTypes = JSON.parse(body.toString());
  output.$metadata = { httpStatusCode: http.status, ...(requestId === '' ? {} : { requestId }) };
  return output;
}

/**
 * Whether a value could be bytes: `{"B":…}` or `{"BS":…}`. Much else that ends in these letters looks the same, and is
 * read the longer way. A search for the quote in front of them would stop at every string of a long answer.
 */
const mayHaveBytes = (body: Buffer): boolean => body.includes('B"') || body.includes('BS"');

/** Returns an answer as the client's reader takes it. */
export function responseOf(http: HttpAnswer): ClientResponse {
  const lines = http.head.split('\r\n').slice(1);
  const headers = lines.map((line) => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()] as const;
  });
  return { statusCode: http.status, headers: Object.fromEntries(headers), body: bodyOf(http) };
}
