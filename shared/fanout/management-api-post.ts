import {
  ApiGatewayManagementApiClient,
  ApiGatewayManagementApiServiceException,
  PostToConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi';
import { FANOUT_BOUNDS } from './bounds.ts';
import type { Post, PostOutcome } from './post.ts';

interface ManagementApiPostDeps {
  /** `https://…/{stage}`: the stage's callback URL. */
  readonly callbackUrl: string;
  /** What came of a post that is neither delivered, gone nor throttled. */
  readonly onFailure: (connectionId: string, error: unknown) => void;
}

/** An endpoint that takes no connection within this is not there: shorter than any post's deadline, to tell the two apart. */
const CONNECT_TIMEOUT_MS = 500;

/** Posts by the official client: kept-alive sockets, a bounded pool, one try; trying again is the delivery's business. */
export function createManagementApiPost({ callbackUrl, onFailure }: ManagementApiPostDeps): Post {
  const agent = { keepAlive: true, maxSockets: FANOUT_BOUNDS.POST_CONCURRENCY };
  const client = new ApiGatewayManagementApiClient({
    endpoint: callbackUrl,
    maxAttempts: 1,
    requestHandler: { httpAgent: agent, httpsAgent: agent, connectionTimeout: CONNECT_TIMEOUT_MS },
  });
  return async (ConnectionId, Data, timeoutMs) => {
    const abortSignal = AbortSignal.timeout(timeoutMs);
    try {
      // PostToConnection may hang for ever and the handler's own timeout does not end it (aws-sdk-js-v3#7632).
      await client.send(new PostToConnectionCommand({ ConnectionId, Data }), { abortSignal });
      return 'delivered';
    } catch (error) {
      const outcome = abortSignal.aborted ? 'unanswered' : outcomeOf(error);
      if (outcome !== 'gone' && outcome !== 'throttled') onFailure(ConnectionId, error);
      return outcome;
    }
  };
}

/** The code is in `$metadata`; `error.statusCode`, which the sample apps test, is always undefined in this SDK. */
function outcomeOf(error: unknown): PostOutcome {
  if (!(error instanceof ApiGatewayManagementApiServiceException)) return 'failed';
  switch (error.$metadata.httpStatusCode) {
    case 410:
      return 'gone';
    case 429:
      return 'throttled';
    case 400:
    case 413:
      return 'refused';
    default:
      return 'failed';
  }
}
