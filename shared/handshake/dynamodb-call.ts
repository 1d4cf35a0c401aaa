import { createCallEncoder, type EncodedCall } from '../http/call-encoder.ts';
import { exchange } from '../http/exchange.ts';
import { bodyOf } from '../http/http-answer.ts';
import type { Credentials } from '../http/sigv4.ts';
import { type HttpLimits, SocketPool } from '../http/socket-pool.ts';
import { AUTHORIZER_ANSWER_BYTES } from './read-bounded.ts';
import { answerIn, CALL_TIMEOUT_MS } from './signed-call.ts';

/** The bounds of the calls. An environment decides one handshake at a time. */
const LIMITS: HttpLimits = {
  sockets: 2,
  connectMs: 1_000,
  socketMs: CALL_TIMEOUT_MS,
  answerBytes: AUTHORIZER_ANSWER_BYTES,
};

/** The dependencies of calls of DynamoDB. */
export interface DynamodbCallDeps {
  readonly region: string;
  /** The address of DynamoDB. Default: that of the region. */
  readonly endpoint?: string | undefined;
  readonly credentials: () => Credentials;
  readonly now: () => number;
}

/**
 * Makes one call of DynamoDB, and returns the parsed answer. Throws Error without any content of the answer. `isAgain`:
 * a kept socket has failed, so a new one is opened.
 */
export type CallStore = (call: EncodedCall, isAgain?: boolean) => Promise<unknown>;

/**
 * Creates the calls of DynamoDB by the authorizer, over a kept-alive socket. The official client does not fit into its
 * bundle, and with the platform's `fetch` a handshake takes 1.6 times the CPU.
 */
export function createDynamodbCall({ region, endpoint, credentials, now }: DynamodbCallDeps): CallStore {
  const suffix = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
  const url = new URL(endpoint ?? `https://dynamodb.${region}.${suffix}`);
  const pool = new SocketPool({ url: url.href, limits: LIMITS, now });
  const encode = createCallEncoder({ region, url });
  return async (call, isAgain = false) => {
    const request = encode(call, { credentials: credentials(), nowMs: now() });
    const answer = await exchange(isAgain ? pool.anew : pool, request, {
      timeoutMs: CALL_TIMEOUT_MS,
      countsWaiting: true,
    });
    if (answer.kind === 'silent') throw new Error(`no answer within ${CALL_TIMEOUT_MS} ms`);
    if (answer.kind === 'broken') throw answer.error;
    const { http } = answer;
    if (!http.isWhole) throw new Error(`no whole answer of at most ${AUTHORIZER_ANSWER_BYTES} bytes`);
    return answerIn(http.status, bodyOf(http).toString());
  };
}
