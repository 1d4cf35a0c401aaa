import {
  ApiGatewayManagementApiClient,
  type ApiGatewayManagementApiClientConfig,
  PostToConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi';
import { Pool } from 'undici';
import { lambdaCredentials, lambdaRegion } from '../../shared/config.ts';
import { createFastPost } from '../../shared/post/fast-post.ts';
import { plainExchange } from './plain-exchange.ts';
import { POST_CONCURRENCY, POST_TIMEOUT_MS } from '../../shared/post/post.ts';

/** Where the posts of a variant go. */
export interface PostTarget {
  /** `http://…/{stage}`. */
  readonly callbackUrl: string;
  readonly connectionId: string;
}

/** Makes one post; rejects when it was not delivered. */
export type OnePost = (body: string) => Promise<void>;

type PostVariant = 'floor' | 'ours' | 'sdk-default' | 'sdk-tuned';

/** The ways to post that are compared. Credentials and region are those of the environment, as on Lambda. */
export const POST_VARIANTS: Readonly<Record<PostVariant, (target: PostTarget) => OnePost>> = {
  floor: postUnsigned,
  ours: postAsBroadcastDoes,
  'sdk-default': (target) => postBySdk(target, {}),
  'sdk-tuned': (target) => postBySdk(target, { maxAttempts: 1, requestHandler: TUNED_HANDLER }),
};

/** What a post costs whoever makes it: undici's dispatcher with no signature and no deadline, and its status looked at. */
function postUnsigned({ callbackUrl, connectionId }: PostTarget): OnePost {
  const { origin, pathname } = new URL(callbackUrl);
  const pool = new Pool(origin, { connections: POST_CONCURRENCY });
  const path = `${pathname}/@connections/${encodeURIComponent(connectionId)}`;
  return (body) => plainExchange(pool, { method: 'POST', path, body });
}

function postAsBroadcastDoes({ callbackUrl, connectionId }: PostTarget): OnePost {
  const post = createFastPost({
    callbackUrl,
    region: lambdaRegion(),
    credentials: () => lambdaCredentials(),
    now: Date.now,
    onFailure: (_, error) => {
      throw error;
    },
  });
  const patience = { timeoutMs: POST_TIMEOUT_MS, onLate: () => undefined };
  return async (body) => {
    const outcome = await post(connectionId, body, patience);
    if (outcome !== 'delivered') throw new Error(outcome);
  };
}

const AGENT = { keepAlive: true, maxSockets: POST_CONCURRENCY } as const;

/** As far as the official client's options go. */
const TUNED_HANDLER = { httpAgent: AGENT, httpsAgent: AGENT } as const;

function postBySdk({ callbackUrl, connectionId }: PostTarget, config: ApiGatewayManagementApiClientConfig): OnePost {
  const client = new ApiGatewayManagementApiClient({ endpoint: callbackUrl, ...config });
  return async (Data) => {
    await client.send(new PostToConnectionCommand({ ConnectionId: connectionId, Data }));
  };
}
