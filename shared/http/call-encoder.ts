import { hash } from 'node:crypto';
import { HEX_BYTES, isCurrent, openScope, type Signature, type SigningScope } from './sigv4.ts';

/** A call of DynamoDB: the operation's name and its input in JSON. */
export interface EncodedCall {
  readonly operation: string;
  readonly body: string;
}

/** Returns a signed call as an HTTP/1.1 request, in one buffer. */
export type CallEncoder = (call: EncodedCall, by: Signature) => Buffer;

/** The endpoint of DynamoDB's calls. */
export interface CallEndpoint {
  readonly region: string;
  readonly url: URL;
}

const SERVICE = 'dynamodb';
const TARGET = 'DynamoDB_20120810';
const CONTENT_TYPE = 'application/x-amz-json-1.0';
/** The name by which CloudTrail lists these calls. */
const USER_AGENT = 'distributary';

/**
 * Creates the encoder of calls to one endpoint, in one buffer: a separate write for the body would cost as much again.
 */
export function createCallEncoder(endpoint: CallEndpoint): CallEncoder {
  const sign = createCallSigner(endpoint);
  const { pathname } = endpoint.url;
  return (call, by) => {
    const { head, signature } = sign(call, by);
    return inOneBuffer(`POST ${pathname} HTTP/1.1\r\n${head.lines}${signature}`, call.body);
  };
}

/** A signed call. */
interface SignedCall {
  readonly head: OperationHead;
  readonly signature: string;
}

/** The part of an operation's requests that is the same for one second. */
interface OperationHead {
  /** The headers, as name, value, name, value; the last value is without the signature at its end. */
  readonly headers: readonly string[];
  /** The headers as lines; the last one ends before the signature. */
  readonly lines: string;
  /** Hashes the canonical request, by the body's hash. */
  readonly hashRequest: (bodyHash: string) => string;
}

/**
 * Creates a signer by Signature Version 4 of calls to one endpoint. Everything but the body's hash and the signature is
 * made once a second for each operation. The signature is that of the official signer over the same headers; a test
 * compares them.
 */
export function createCallSigner(endpoint: CallEndpoint): (call: EncodedCall, by: Signature) => SignedCall {
  let signing: SigningScope | undefined;
  const heads = new Map<string, OperationHead>();
  const renew = (by: Signature): SigningScope => {
    heads.clear();
    return openScope({ region: endpoint.region, service: SERVICE }, by);
  };
  return ({ operation, body }, by) => {
    if (!isCurrent(signing, by)) signing = renew(by);
    let head = heads.get(operation);
    if (head === undefined) heads.set(operation, (head = operationHead(endpoint, operation, signing)));
    return { head, signature: signing.sign(head.hashRequest(hash('sha256', body))) };
  };
}

function operationHead({ url }: CallEndpoint, operation: string, signing: SigningScope): OperationHead {
  const { date, token, authorizationOf } = signing;
  const signed = [
    ['content-type', CONTENT_TYPE],
    ['host', url.host],
    ['x-amz-date', date],
    ...(token === undefined ? [] : [['x-amz-security-token', token] as const]),
    ['x-amz-target', `${TARGET}.${operation}`],
  ] as const;
  const names = signed.map(([name]) => name).join(';');
  const canonical = signed.map(([name, value]) => `${name}:${value}\n`).join('');
  const headers = [...signed, ['user-agent', USER_AGENT], ['authorization', authorizationOf(names)]] as const;
  return {
    headers: headers.flat(),
    lines: headers.map(([name, value]) => `${name}: ${value}`).join('\r\n'),
    hashRequest: hashWithTail(`POST\n${url.pathname}\n\n${canonical}\n${names}\n`),
  };
}

/** Returns a function that hashes texts of which only the tail, another hash, changes: in one buffer. */
function hashWithTail(head: string): (tail: string) => string {
  const text = Buffer.concat([Buffer.from(head), Buffer.alloc(HEX_BYTES)]);
  const tailAt = text.length - HEX_BYTES;
  return (tail) => {
    text.write(tail, tailAt, 'latin1');
    return hash('sha256', text);
  };
}

function inOneBuffer(start: string, body: string): Buffer {
  const bodyBytes = Buffer.byteLength(body);
  const head = `${start}\r\ncontent-length: ${bodyBytes}\r\n\r\n`;
  const request = Buffer.allocUnsafe(head.length + bodyBytes);
  request.write(head, 'latin1');
  request.write(body, head.length);
  return request;
}
