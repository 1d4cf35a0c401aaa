import type { DynamoDBClientResolvedConfig } from '@aws-sdk/client-dynamodb';
import { type CallEncoder, createCallEncoder, type EncodedCall } from '../http/call-encoder.ts';
import { type Answer, exchange } from '../http/exchange.ts';
import type { HttpAnswer } from '../http/http-answer.ts';
import { keepCredentials } from '../http/kept-credentials.ts';
import { type HttpLimits, SocketPool } from '../http/socket-pool.ts';
import { STORE_BOUNDS } from './bounds.ts';

/** Sends a call once. Rejects, as the client does, if no answer comes; any answer counts, whatever its status. */
export type CallTransport = (call: EncodedCall) => Promise<HttpAnswer>;

const CALL_LIMITS: HttpLimits = {
  sockets: STORE_BOUNDS.CALL_SOCKETS,
  connectMs: STORE_BOUNDS.CALL_CONNECT_MS,
  socketMs: STORE_BOUNDS.REQUEST_TIMEOUT_MS,
  answerBytes: STORE_BOUNDS.CALL_ANSWER_BYTES,
};

const DEADLINE = { timeoutMs: STORE_BOUNDS.REQUEST_TIMEOUT_MS, countsWaiting: true } as const;

/** The codes of broken connections that the client names timeouts. */
const TIMEOUT_CODES: ReadonlySet<string> = new Set(['ECONNRESET', 'ECONNREFUSED', 'EPIPE', 'ETIMEDOUT']);

/**
 * Creates the transport of a client: over kept-alive sockets, to the client's endpoint, by its credentials and clock.
 */
export function createCallTransport(config: DynamoDBClientResolvedConfig): CallTransport {
  const credentials = keepCredentials({ credentials: () => config.credentials(), now: Date.now });
  let opened: Opened | undefined;
  return async (call) => {
    opened ??= await open(config);
    const by = {
      credentials: credentials.known() ?? (await credentials.ask()),
      nowMs: Date.now() + config.systemClockOffset,
    };
    return answerOf(await exchange(opened.sockets, opened.encode(call, by), DEADLINE));
  };
}

/** An endpoint that the client was created with. */
type Endpoint = Awaited<ReturnType<NonNullable<DynamoDBClientResolvedConfig['endpoint']>>>;

interface Opened {
  readonly sockets: SocketPool;
  readonly encode: CallEncoder;
}

async function open(config: DynamoDBClientResolvedConfig): Promise<Opened> {
  const [region, url] = await Promise.all([config.region(), endpointOf(config)]);
  return {
    sockets: new SocketPool({ url: url.href, limits: CALL_LIMITS, now: Date.now }),
    encode: createCallEncoder({ region, url }),
  };
}

/**
 * Resolves the client's endpoint by its own rules: one that is configured, or that of the region. An endpoint of the
 * account, which the client may prefer for its names' sake, serves the same tables.
 */
async function endpointOf(config: DynamoDBClientResolvedConfig): Promise<URL> {
  const given = await config.endpoint?.();
  if (given !== undefined) return urlOf(given);
  const configured = await config.serviceConfiguredEndpoint?.();
  return config.endpointProvider({
    Region: await config.region(),
    UseFIPS: await config.useFipsEndpoint(),
    UseDualStack: await config.useDualstackEndpoint(),
    AccountIdEndpointMode: 'disabled',
    ...(configured === undefined ? {} : { Endpoint: configured }),
  }).url;
}

function urlOf({ protocol, hostname, port, path }: Endpoint): URL {
  return new URL(`${protocol}//${hostname}${port === undefined ? '' : `:${port}`}${path}`);
}

function answerOf(answer: Answer): HttpAnswer {
  if (answer.kind === 'answered') return answer.http;
  if (answer.kind === 'silent') throw timedOut();
  throw failed(answer.error);
}

const timedOut = (): Error =>
  Object.assign(new Error(`DynamoDB did not answer within ${STORE_BOUNDS.REQUEST_TIMEOUT_MS} ms.`), {
    name: 'TimeoutError',
    code: 'ETIMEDOUT',
  });

/** Returns the error of a broken connection with the name and the code by which the client decides about retries. */
function failed(cause: Error): Error {
  const code = 'code' in cause ? String(cause.code) : '';
  const error = Object.assign(new Error(cause.message, { cause }), { code });
  return TIMEOUT_CODES.has(code) ? Object.assign(error, { name: 'TimeoutError' }) : error;
}
