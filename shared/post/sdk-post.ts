import {
  ApiGatewayManagementApiClient,
  type ApiGatewayManagementApiClientConfig,
  PostToConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi';
import {
  CONNECT_TIMEOUT_MS,
  isFailure,
  LATE_MS,
  LATE_POSTS,
  outcomeOf,
  POST_CONCURRENCY,
  type Post,
  type PostDeadline,
  type PostDeps,
  type PostOutcome,
} from './post.ts';

/**
 * Creates the poster over the official client: the reference for the fast poster, and its fallback
 * (docs/adr/0009-a-post-of-our-own.md). A post is repeated at most once: after a connection broke before an answer, or
 * after a 403 by which the client corrected its clock. The deadline starts with the call, since the client does not
 * show when a request has a socket.
 */
export function createSdkPost(deps: PostDeps): Post {
  const client = createClient(deps);
  return async (connectionId, frame, deadline) => {
    const { signal: abortSignal, clear } = startDeadline(deadline);
    try {
      await client.send(new PostToConnectionCommand({ ConnectionId: connectionId, Data: frame }), { abortSignal });
      return 'delivered';
    } catch (error) {
      const outcome = outcomeOfFailure(factsOf(error), abortSignal);
      if (isFailure(outcome)) deps.onFailure(connectionId, error);
      return outcome;
    } finally {
      clear();
    }
  };
}

function createClient({ callbackUrl, region, credentials }: PostDeps): ApiGatewayManagementApiClient {
  const agent = { keepAlive: true, maxSockets: POST_CONCURRENCY + LATE_POSTS } as const;
  return new ApiGatewayManagementApiClient({
    endpoint: callbackUrl,
    region,
    // The client keeps credentials for ever that do not expire: these expire at once, and each post asks for them.
    credentials: async () => {
      const { sessionToken, ...lasting } = await credentials();
      return { ...lasting, ...(sessionToken === undefined ? {} : { sessionToken }), expiration: new Date() };
    },
    retryStrategy: ONCE_MORE,
    requestHandler: { httpAgent: agent, httpsAgent: agent, connectionTimeout: CONNECT_TIMEOUT_MS },
  });
}

const attempt = (retries: number) => ({ getRetryCount: () => retries, getRetryDelay: () => 0 });

/** The client's retries: at most one, at once, and only where the fast poster repeats a post, too. */
const ONCE_MORE: NonNullable<ApiGatewayManagementApiClientConfig['retryStrategy']> = {
  acquireInitialRetryToken: async () => attempt(0),
  refreshRetryTokenForRetry: async (last, { error }) => {
    if (last.getRetryCount() > 0 || !isWorthOneMore(factsOf(error))) throw new Error('The post is not repeated.');
    return attempt(1);
  },
  recordSuccess: () => undefined,
};

/** Starts the timers of a post. They end it by the signal, at the deadline or when it is late and abandoned. */
function startDeadline({ timeoutMs, lateMs = LATE_MS, onLate }: PostDeadline) {
  const ending = new AbortController();
  const abandon = (): void => ending.abort();
  let isOver = false;
  // After a process stood still, its timers fire first: one more turn lets an answer that is there be read.
  const after = (ms: number, conclude: () => void): NodeJS.Timeout =>
    setTimeout(() => setImmediate(() => (isOver ? undefined : conclude())), ms);
  const timers = [after(timeoutMs, abandon)];
  if (onLate !== undefined && timeoutMs > lateMs) timers.push(after(lateMs, () => onLate(abandon)));
  const clear = (): void => {
    isOver = true;
    for (const timer of timers) clearTimeout(timer);
  };
  return { signal: ending.signal, clear };
}

/** The facts of an error of the client: the status that was answered, if any, or the code of a broken connection. */
interface ErrorFacts {
  readonly code?: unknown;
  readonly $metadata?: { readonly httpStatusCode?: number; readonly clockSkewCorrected?: boolean };
}

const factsOf = (error: unknown): ErrorFacts => (typeof error === 'object' && error !== null ? error : {});

const isWorthOneMore = ({ code, $metadata }: ErrorFacts): boolean =>
  $metadata?.httpStatusCode === 403
    ? $metadata.clockSkewCorrected === true
    : $metadata?.httpStatusCode === undefined && (code === 'ECONNRESET' || code === 'EPIPE');

function outcomeOfFailure({ $metadata }: ErrorFacts, { aborted }: AbortSignal): PostOutcome {
  if ($metadata?.httpStatusCode !== undefined) return outcomeOf($metadata.httpStatusCode);
  return aborted ? 'unanswered' : 'failed';
}
